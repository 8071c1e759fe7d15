"""The catalogues: what is found in code and templates, what counts as a fault, what Django says in Spanish."""

import os
from io import StringIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from django.conf import settings
from django.contrib import admin
from django.core.management import CommandError, call_command
from django.utils.translation import gettext, override

from evidencebank import catalogue


@pytest.fixture
def project(tmp_path):
    """Write files of a project of the test's own: `project("templates/a.html", "…")` gives its texts."""

    def write(name: str, text: str) -> Catalog:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return catalogue.extract_texts(tmp_path)

    return write


def ids(catalog):
    return {message.id if message.context is None else (message.context, message.id) for message in catalog} - {""}


def translated(found, strings):
    """Return a catalogue that holds `strings` for the texts of `found`."""
    catalog = Catalog(locale="en")
    for message in found:
        if message.id:
            catalog.add(message.id, strings[message.id], context=message.context)
    return catalog


class TestFinding:
    def test_code_with_all_its_ways_to_mark_a_text(self, project):
        found = project(
            "studies/a.py",
            'A = _("Uno " "dos")\nB = gettext_lazy("Tres")\nC = pgettext("botón", "Ver")\nD = other("no")\n'
            'E = ngettext("%(count)s estudio", "%(count)s estudios", n)\nF = _(f"no {n}")\n',
        )
        assert ids(found) == {
            "Uno dos",
            "Tres",
            ("botón", "Ver"),
            ("%(count)s estudio", "%(count)s estudios"),
        }

    def test_templates_whatever_stands_around_the_text(self, project):
        found = project(
            "templates/a.html",
            "{# Needs: it's #}\n<h1 class=\"a('b\">{% translate 'Buscar' %}</h1>\n"
            "   <p>\"un {{ x|default:_('Nada') }}\n"
            "{% include 'x' with label=_('Filtrar') %}{% comment %}{% translate 'no' %}{% endcomment %}\n"
            "{% blocktranslate count count=n trimmed %}\n  {{ count }} estudio\n"
            "{% plural %}\n   {{ count }} estudios\n{% endblocktranslate %}",
        )
        assert ids(found) == {"Buscar", "Nada", "Filtrar", ("%(count)s estudio", "%(count)s estudios")}

    def test_the_curators_workplace_is_spanish_only(self, project):
        assert ids(project("studies/admin/a.py", '_("Devolver")')) == set()


class TestUpdating:
    def test_translations_stay_new_texts_come_empty_and_unused_ones_go(self, project):
        found = project("studies/a.py", '_("Ver")\n_("Nuevo")\n')
        old = Catalog(locale="en")
        old.add("Ver", "See")
        old.add("Antiguo", "Old")
        new = catalogue.update(old, found)
        assert {message.id: message.string for message in new if message.id} == {"Ver": "See", "Nuevo": ""}

    def test_the_translation_of_a_singular_is_doubtful_once_the_text_has_a_plural(self, project):
        found = project("studies/a.py", 'ngettext("Un año", "%(n)s años", n)')
        old = Catalog(locale="en")
        old.add("Un año", "A year")
        assert catalogue.find_faults(catalogue.update(old, found), found) == [
            "marked fuzzy: “Un año”",
            "not translated: “Un año”",
        ]

    def test_what_is_written_is_read_back_and_holds_no_date_and_no_place(self, project, tmp_path):
        found = project("studies/a.py", '_("Zorro")\npgettext("c", "Árbol")\n_("%(n)s años")\n')
        path = tmp_path / "locale" / "en" / "LC_MESSAGES" / "django.po"
        catalogue.write(catalogue.update(catalogue.read(path), found), path)
        text = path.read_text(encoding="utf-8")
        assert ids(catalogue.read(path)) == ids(found)
        assert "Date" not in text
        assert "a.py" not in text
        catalogue.write(catalogue.update(catalogue.read(path), found), path)
        assert path.read_text(encoding="utf-8") == text


class TestFaults:
    def test_none_in_a_whole_catalogue(self, project):
        found = project("studies/a.py", '_("Ver")\nngettext("%(count)s voz", "%(count)s voces", n)\n')
        catalog = translated(
            found, {"Ver": "See", ("%(count)s voz", "%(count)s voces"): ("One voice", "%(count)s voices")}
        )
        assert catalogue.find_faults(catalog, found) == []

    @pytest.mark.parametrize(
        ("code", "strings", "fault"),
        [
            ('_("Ver")', {"Ver": ""}, "not translated: “Ver”"),
            ('_("%(n)s años")', {"%(n)s años": "%(m)s years"}, "placeholders differ: “%(n)s años”"),
            ('_("De {inicio}")', {"De {inicio}": "From"}, "placeholders differ: “De {inicio}”"),
            ('_("Ver %s")', {"Ver %s": "See %s, %s and %(x)s"}, "placeholders differ: “Ver %s”"),
            ('_("See the list")', {"See the list": "x"}, "looks English, ids are Spanish: “See the list”"),
        ],
    )
    def test_a_text_that_is_empty_broken_or_the_wrong_way_round(self, project, code, strings, fault):
        found = project("studies/a.py", code)
        assert catalogue.find_faults(translated(found, strings), found) == [fault]

    def test_a_plural_that_lost_its_number(self, project):
        found = project("studies/a.py", 'ngettext("%(count)s voz", "%(count)s voces", n)')
        catalog = translated(found, {("%(count)s voz", "%(count)s voces"): ("One voice", "Voices")})
        assert catalogue.find_faults(catalog, found) == ["placeholders differ: “%(count)s voz”"]

    def test_a_singular_that_counts_only_where_the_spanish_does(self, project):
        found = project("studies/a.py", 'ngettext("Ver el estudio", "Ver los %(total)s estudios", n)')
        catalog = translated(found, {("Ver el estudio", "Ver los %(total)s estudios"): ("See it", "See %(total)s")})
        assert catalogue.find_faults(catalog, found) == []

    def test_what_is_missing_left_over_or_doubtful(self, project):
        found = project("studies/a.py", '_("Ver")\n_("Leer")\n')
        catalog = Catalog(locale="en")
        catalog.add("Leer", "Read", flags=["fuzzy"])
        catalog.add("Antiguo", "Old")
        assert catalogue.find_faults(catalog, found) == [
            "marked fuzzy: “Leer”",
            "no longer used: “Antiguo”",
            "not in the catalogue: “Ver”",
        ]


class TestCompiling:
    def test_only_a_file_that_is_older_than_its_source_is_written(self, project, tmp_path):
        path = tmp_path / "en" / "LC_MESSAGES" / "django.po"
        found = project("studies/a.py", '_("Ver")')
        catalogue.write(translated(found, {"Ver": "See"}), path)
        assert catalogue.compile_if_stale(path)
        assert not catalogue.compile_if_stale(path)
        os.utime(path, (path.stat().st_mtime + 5,) * 2)
        assert catalogue.compile_if_stale(path)


class TestCommand:
    def test_a_fault_makes_the_check_fail_and_names_itself(self, settings, tmp_path, project):
        settings.BASE_DIR = tmp_path
        settings.LOCALE_PATHS = [tmp_path / "locale"]
        project("studies/a.py", '_("Ver")')
        complaints = StringIO()
        with pytest.raises(CommandError, match="1 to mend"):
            call_command("translations", "--check", stderr=complaints)
        assert "not in the catalogue: “Ver”" in complaints.getvalue()


class TestWhatDjangoSaysInSpanish:
    """locale/es/: its ids are Django's, which a new version may change."""

    def test_is_still_asked_of_it(self):
        ours = catalogue.read(settings.BASE_DIR / "locale" / "es" / "LC_MESSAGES" / "django.po")
        theirs = catalogue.read(Path(admin.__file__).parent / "locale" / "en" / "LC_MESSAGES" / "django.po")
        assert ids(ours)
        assert ids(ours) <= ids(theirs)

    def test_has_no_name_that_django_does_not_fill(self):
        ours = catalogue.read(settings.BASE_DIR / "locale" / "es" / "LC_MESSAGES" / "django.po")
        for message in ours:
            filled = {match[0] for match in catalogue.PLACEHOLDER.finditer(message.id)}
            assert {match[0] for match in catalogue.PLACEHOLDER.finditer(message.string)} <= filled, message.id

    def test_fits_a_noun_of_either_gender(self):
        with override("es"):
            said = gettext("The {name} “{obj}” was added successfully.").format(name="pregunta", obj="¿Qué?")
        assert said == "Se agregó: pregunta «¿Qué?»."
