"""The terms of method that pages use, in plain words of the bank's own: no vocabulary of the records has them.

What a record can carry (designs, measures, comparators, effects) is defined in its vocabulary, and stands here only
where a page uses another word for it. The glossary lists both.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class MethodTerm:
    """A term with its meaning, in the language of the page once they are printed."""

    code: str
    label: Promise
    meaning: Promise

    @property
    def anchor(self) -> str:
        """The id of the term on the glossary page."""
        return f"method-{self.code}"


_TERMS = (
    MethodTerm(
        "absolute-effect",
        _("Efecto absoluto"),
        _(
            "Cuántas personas de cada 1000 cambian de situación por el programa. Depende de cuántas la vivían antes: "
            "la misma razón de riesgos cambia más donde el problema es más frecuente."
        ),
    ),
    MethodTerm(
        "adjusted",
        _("Ajustado"),
        _(
            "Cifra calculada después de descontar otras diferencias entre los grupos, como la edad o los ingresos. "
            "Sin ajustar es la comparación tal cual."
        ),
    ),
    MethodTerm(
        "arm",
        _("Brazo"),
        _("Cada uno de los grupos que un ensayo forma para compararlos: uno o más con programa y uno sin él."),
    ),
    MethodTerm(
        "baseline",
        _("Línea de base"),
        _("Lo que se mide antes de empezar, para saber de dónde parte cada grupo."),
    ),
    MethodTerm(
        "certainty",
        _("Certeza de la evidencia"),
        _(
            "Cuánta confianza hay en que el efecto real se parece al que se halló. La juzgan personas, con razones: "
            "cómo se hicieron los estudios, si coinciden, qué tan precisos son y si se parecen al lugar donde se "
            "decide. En este banco nunca sale de una fórmula."
        ),
    ),
    MethodTerm(
        "cluster",
        _("Conglomerado"),
        _(
            "Grupo que se sortea entero: una comunidad, una escuela, un centro de salud. Quienes están en el mismo "
            "se parecen, por lo que hacen falta más personas para la misma precisión."
        ),
    ),
    MethodTerm(
        "comparator",
        _("Comparador"),
        _(
            "Lo que recibió el grupo con el que se compara: nada, los servicios de siempre, una parte del programa u "
            "otro programa. El mismo efecto quiere decir cosas distintas según con qué se compare."
        ),
    ),
    MethodTerm(
        "confidence-interval",
        _("Intervalo de confianza"),
        _(
            "Los valores del efecto que son compatibles con los datos; se escribe entre corchetes. Cuanto más ancho, "
            "menos precisa es la cifra. Si incluye «sin diferencia» (1 en una razón, 0 en una diferencia), el "
            "estudio no permite decir hacia dónde va el efecto: no prueba que sea cero. Uno de 95 % se calcula de "
            "modo que 95 de cada 100 intervalos así hechos contienen el valor real."
        ),
    ),
    MethodTerm(
        "evaluation",
        _("Evaluación"),
        _(
            "Un ensayo o un cuasiexperimento que estima el efecto de una intervención. Se cuenta una sola vez, "
            "aunque la informen varios artículos."
        ),
    ),
    MethodTerm(
        "follow-up",
        _("Seguimiento"),
        _("Tiempo entre el comienzo del programa y la medición de lo que cambió."),
    ),
    MethodTerm(
        "grade",
        _("GRADE"),
        _(
            "Método con el que un grupo de personas juzga la certeza de la evidencia en cuatro niveles: alta, "
            "moderada, baja y muy baja. Son las siglas en inglés de «gradación de recomendaciones: valoración, "
            "desarrollo y evaluación»."
        ),
    ),
    MethodTerm(
        "heterogeneity",
        _("Heterogeneidad"),
        _(
            "Cuánto difieren entre sí los efectos de varias evaluaciones, más allá de lo que haría el azar. I² es la "
            "parte de las diferencias que no se explica por azar, de 0 a 100 %; τ² (tau al cuadrado) es el tamaño de "
            "esas diferencias."
        ),
    ),
    MethodTerm(
        "intention-to-treat",
        _("Intención de tratar"),
        _(
            "Análisis que mantiene a cada persona en el grupo que le tocó, haya asistido o no. Por protocolo quiere "
            "decir lo contrario: solo cuentan quienes cumplieron."
        ),
    ),
    MethodTerm(
        "no-difference-line",
        _("Línea de «sin diferencia»"),
        _(
            "En un gráfico, la línea punteada donde ambos grupos serían iguales: 1 si la medida es una razón, 0 si "
            "es una diferencia."
        ),
    ),
    MethodTerm(
        "p-value",
        _("Valor p"),
        _(
            "Qué tan raros serían estos datos si el programa no cambiara nada. Uno pequeño no dice que el efecto sea "
            "grande, y uno grande no dice que no lo haya."
        ),
    ),
    MethodTerm(
        "package",
        _("Paquete"),
        _("Varias intervenciones dadas juntas. Su efecto es el del conjunto y no se puede atribuir a una de ellas."),
    ),
    MethodTerm(
        "pooled-mean",
        _("Promedio de varias evaluaciones"),
        _(
            "Una sola cifra de varias evaluaciones, en la que pesan más las más precisas. Con efectos aleatorios se "
            "acepta que el efecto no es el mismo en todas: el promedio está en medio de ellas."
        ),
    ),
    MethodTerm(
        "prediction-interval",
        _("Intervalo de predicción"),
        _(
            "Dónde caería, con 95 % de probabilidad, el efecto de una evaluación nueva parecida a las que hay. Suele "
            "ser mucho más ancho que el intervalo del promedio."
        ),
    ),
    MethodTerm(
        "publication-bias",
        _("Sesgo de publicación"),
        _("Lo que sale bien se publica más. Por eso lo publicado puede parecer mejor que todo lo que se probó."),
    ),
    MethodTerm(
        "quasi-experimental",
        _("Cuasiexperimental"),
        _(
            "Evaluación que compara grupos o momentos que nadie sorteó. Otras diferencias entre ellos pueden "
            "explicar parte de lo que se halla."
        ),
    ),
    MethodTerm(
        "randomised",
        _("Aleatorizada"),
        _(
            "Evaluación en la que un sorteo decide quién recibe el programa. Así los grupos se parecen en todo lo "
            "demás, y la diferencia que aparece después se puede atribuir al programa."
        ),
    ),
    MethodTerm(
        "registration",
        _("Registro del ensayo"),
        _(
            "Anuncio público, antes de tener resultados, de qué se medirá y cómo. Permite ver si después se informó "
            "otra cosa."
        ),
    ),
    MethodTerm(
        "risk-of-bias",
        _("Riesgo de sesgo"),
        _(
            "Qué tan expuesto está un resultado a un error que lo incline hacia un lado, por cómo se hizo el "
            "estudio. Se juzga con un instrumento publicado, pregunta por pregunta."
        ),
    ),
    MethodTerm(
        "standardised-difference",
        _("Diferencia estandarizada"),
        _(
            "Diferencia entre dos grupos dividida entre cuánto varían las personas entre sí (la desviación "
            "estándar). Sirve para juntar escalas distintas; su tamaño no se lee en puntos de ninguna."
        ),
    ),
    MethodTerm(
        "subgroup",
        _("Subgrupo"),
        _(
            "Parte de las personas de un estudio, como las mujeres rurales, mirada por separado. Con menos personas "
            "la cifra es menos precisa, y mirar muchos subgrupos hace hallar diferencias por azar."
        ),
    ),
    MethodTerm(
        "systematic-search",
        _("Búsqueda sistemática"),
        _(
            "Búsqueda con un plan escrito de antemano: dónde, con qué palabras y qué estudios entran. Este banco no "
            "nace de una."
        ),
    ),
)

METHOD_TERMS = {term.code: term for term in _TERMS}
"""Every term by its code."""
