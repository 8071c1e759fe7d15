"""What several pages print: cards, facet options, links, the selection cookie."""
