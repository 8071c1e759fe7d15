from studies.citations import csl
from studies.citations.reference import make_reference
from tests.studies.records_factory import author, complete_record, institution


def csl_item(**changes):
    return csl.make_csl_item(make_reference(complete_record(**changes)))


class TestCsl:
    def test_an_item_has_the_names_of_csl(self):
        assert csl_item() == {
            "id": "quispe-2021-hogares",
            "type": "article-journal",
            "title": "Trabajo con hombres en hogares rurales del Perú",
            "author": [{"family": "Quispe", "given": "Ana María"}],
            "issued": {"date-parts": [[2021]]},
            "container-title": "Revista de Prueba",
            "volume": "12",
            "issue": "3",
            "page": "45-67",
            "DOI": "10.1234/prueba.2021.1",
            "URL": "https://doi.org/10.1234/prueba.2021.1",
            "language": "es",
            "abstract": "Un ensayo con parejas de hogares rurales comparó sesiones para hombres con la atención usual.",
            "annote": "Resumen escrito por el Banco de Evidencias; no es el resumen publicado.",
        }

    def test_names_keep_their_particles_and_suffixes(self):
        authors = (
            author("Ommeren", "Mark", non_dropping_particle="van"),
            author("Barros", "Érika", dropping_particle="de"),
            author("Thorpe", "Roland J., Jr."),
            institution("INEI"),
        )
        assert csl_item(authors=authors)["author"] == [
            {"family": "Ommeren", "given": "Mark", "non-dropping-particle": "van"},
            {"family": "Barros", "given": "Érika", "dropping-particle": "de"},
            {"family": "Thorpe", "given": "Roland J.", "suffix": "Jr."},
            {"literal": "INEI"},
        ]

    def test_a_working_paper_says_so_and_its_container_is_a_series(self):
        item = csl_item(type="article", container_title="Serie A", number="7")
        assert (item["genre"], item["collection-title"], item["number"]) == ("Working paper", "Serie A", "7")
        assert "container-title" not in item

    def test_an_empty_list_is_an_empty_array(self):
        assert "".join(csl.write([])) == "[]\n"
