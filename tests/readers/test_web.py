"""What programs read from the pages and addresses of a bank that serves: harvesters, search engines, feed readers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import extruct
import feedparser
import pytest
from lxml import etree
from sickle import Sickle

from benchmarks.fuzz_api import fuzz
from studies.publishing.oai.formats import FORMATS
from studies.records.study import StudyRecord
from tests.bank_server import BankServer
from tests.readers.conftest import Tell

GRAMMAR = etree.RelaxNG(etree.parse(Path(__file__).parents[1] / "studies" / "schemas" / "oai_pmh.rng"))


class TestHarvester:
    """sickle takes the whole bank; every answer keeps the grammar of the protocol."""

    @pytest.mark.parametrize("prefix", FORMATS)
    def test_takes_every_study_once(
        self, bank: BankServer, records: list[StudyRecord], prefix: str, tell: Tell
    ) -> None:
        harvested = list(Sickle(f"{bank.url}/oai/").ListRecords(metadataPrefix=prefix))
        slugs = [record.header.identifier.rpartition(":")[2] for record in harvested]
        assert sorted(slugs) == sorted(record.id for record in records)
        tell(f"sickle, {prefix}: {len(harvested)} records")

    @pytest.mark.parametrize(
        "query",
        [
            *("verb=Identify", "verb=ListSets", "verb=ListMetadataFormats"),
            *("verb=ListIdentifiers&metadataPrefix=oai_dc", "verb=ListRecords&metadataPrefix=mods"),
            *("verb=ListRecords&resumptionToken=%C3%B1%20", "verb=Nada"),
        ],
    )
    def test_is_answered_by_the_grammar(self, bank: BankServer, query: str) -> None:
        answer = etree.fromstring(bank.get(f"/oai/?{query}").body)
        assert GRAMMAR.validate(answer), GRAMMAR.error_log.last_error


class TestSearchEngine:
    """extruct reads the linked data; what Google asks of an article is there, for every type of publication."""

    def test_finds_what_it_asks_of_an_article(self, bank: BankServer, records: list[StudyRecord], tell: Tell) -> None:
        by_type = {record.type: record for record in records if record.authors and record.year}
        for record in by_type.values():
            work = self.works(bank, f"/estudios/{record.id}/")[0]
            assert work["headline"] == work["name"] != ""
            assert {author["@type"] for author in work["author"]} <= {"Person", "Organization"}
            assert all(author["name"] for author in work["author"])
            assert work["datePublished"] == str(record.year)
        tell(f"extruct: {len(by_type)} types of publication")

    def works(self, bank: BankServer, path: str) -> list[dict[str, Any]]:
        found = extruct.extract(bank.page(path), base_url=bank.url, syntaxes=["json-ld"], uniform=True)
        graph: list[dict[str, Any]] = found["json-ld"][0]["@graph"]
        return graph


class TestFeedReader:
    @pytest.mark.parametrize("path", ["/feeds/estudios.atom", "/feeds/studies.atom?theme=autonomy"])
    def test_takes_every_entry(self, bank: BankServer, path: str, tell: Tell) -> None:
        feed = feedparser.parse(bank.get(path).body)
        assert not feed.bozo
        assert feed.version == "atom10"
        assert feed.entries
        assert all(entry.id and entry.title and entry.link and entry.updated_parsed for entry in feed.entries)
        assert len({entry.id for entry in feed.entries}) == len(feed.entries)
        tell(f"feedparser, {path}: {len(feed.entries)} entries")


class TestFuzzer:
    def test_finds_no_answer_that_the_schema_does_not_promise(self, bank: BankServer, tell: Tell) -> None:
        done = fuzz(bank.url, examples=20, seed=11)
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
        tested = re.search(r"Tested: (\d+)", done.stdout)
        tell(f"schemathesis: {tested[1] if tested else 0} operations")
