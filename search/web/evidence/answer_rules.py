"""The rules of answers in words, for pages to show: which estimate speaks, and what each sentence says."""

from __future__ import annotations

from django.utils.translation import gettext as _


def list_choice_rules() -> tuple[str, ...]:
    """Return the steps by which `synthesis.chosen_estimate` chooses what speaks for an evaluation, in their order."""
    return (
        _("Nunca se juntan comparaciones de distinta clase ni grupos con programas distintos."),
        _("Toda la muestra va antes que un subgrupo; quienes no recibieron nada no son un grupo con programa."),
        _("Lo que los autores declaran principal va antes; si no lo hay, lo ajustado; si no, lo publicado."),
        _(
            "Lo que informan las propias mujeres va antes que lo que informan otros; otro estudio que no dice quién"
            " informa se muestra al lado."
        ),
        _("La medición más tardía va antes; la que no dice cuándo se hizo cuenta como la más temprana."),
        _("Lo que aún es más de una cifra se muestra como varias, cada una con su estudio y su momento."),
    )


def list_sentence_rules() -> tuple[tuple[str, str], ...]:
    """Return each rule of `answer_text` in words, with an example of its sentence."""
    return (
        (
            _("La dirección es la de la cifra, aunque pueda deberse al azar; sin cifra, la que dicen sus autores"),
            _("Las 2 evaluaciones apuntan a menos violencia física de pareja."),
        ),
        (
            _("El intervalo incluye menos y más: el estudio no permite saberlo"),
            _("No concluye: de 84 % menos a 39 % más."),
        ),
        (
            _("Sin cifra, y sus autores no ven una diferencia: no se sabe hacia dónde apunta"),
            _("En 1 evaluación sus autores no ven una diferencia clara; el registro no trae la cifra."),
        ),
        (
            _("Algo cambió, y no está claro si es bueno o malo"),
            _("Muestra un cambio en control por la pareja, sin que esté claro si para bien o para mal."),
        ),
        (
            _("Resultados que difieren se dicen por grupo o por momento; «mixto» es palabra de los autores"),
            _("Según el momento: tras 12 meses, menos; tras 24 meses, sin diferencia clara."),
        ),
        (
            _("De denuncias se dice si hubo más o menos: ninguna de las dos cosas es buena en sí"),
            _("Apunta a más denuncias."),
        ),
        (
            _("De cada 1 000: con el grupo de comparación del ensayo; si no, con una encuesta de la misma violencia"),
            _("De cada 1 000 mujeres: de 210 a 197 (entre 134 y 281); base: el grupo de comparación del ensayo."),
        ),
        (_("Una evaluación sola se llama así"), _("Lo mide una sola evaluación, aleatorizada.")),
    )
