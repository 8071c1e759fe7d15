"""Exceptions to the rules of `analysis`, stop words and beginnings of questions. Only data.

All words are folded (lower case, no accents), as `analysis` sees them. A change here changes tokens: raise
`analysis.ANALYSIS_VERSION` and add a row to tests/data/word-pairs.tsv.
"""

from __future__ import annotations

SPANISH_WORDS = {
    "andes": "andes",
    "jueza": "juez",
    "juezas": "juez",
    # The survey, which is no plural of "ende".
    "endes": "endes",
    # Loan words in -i, whose plural is in -is: without them here the -s would stay, as in "crisis".
    **{word + plural: word for word in ("combi", "mototaxi") for plural in ("", "s")},
    # Who kills, not the killing: without their -a they were the English "homicide" and its like.
    **{word + plural: word for word in ("feminicida", "femicida", "homicida", "suicida") for plural in ("", "s")},
    # Words in stressed -és: their -s is no plural, and their plural is in -eses.
    **{
        word: word
        for word in ("interes", "estres", "ingles", "frances", "portugues", "japones", "holandes", "irlandes")
    },
    **{word: word for word in ("escoces", "nepales", "libanes", "sudanes", "congoles", "reves", "burgues", "cortes")},
}
"""Spanish words that the rules must not cut, each with the word whose token it takes."""

_ENGLISH_IN_SPANISH = (
    "aids care code dose fate fine fire hate here home hope lose male mane news none note plane rape rate ride rite "
    "safe same save site state theme tone wage wine"
)
ENGLISH_IN_SPANISH = frozenset(_ENGLISH_IN_SPANISH.split())
"""English words that the Spanish rules must not cut, as every text is stemmed under both: "dose" would become "dos"."""

ENGLISH_PLURALS = {
    "men": "man",
    "mens": "man",
    "women": "woman",
    "womens": "woman",
    "children": "child",
    "childrens": "child",
    "people": "person",
    "peoples": "person",
    "wives": "wife",
    "housewives": "housewife",
    "midwives": "midwife",
    "lives": "life",
    "halves": "half",
    "knives": "knife",
    "shelves": "shelf",
    "thieves": "thief",
    "crises": "crisis",
    "analyses": "analysis",
    "diagnoses": "diagnosis",
    "hypotheses": "hypothesis",
    "syntheses": "synthesis",
    "theses": "thesis",
    "buses": "bus",
    "movies": "movie",
    "calories": "calorie",
    "criteria": "criterion",
}

_ENGLISH_UNCUT = "aids always bias breathe news perhaps plane police quite series shame species spite state theme"
ENGLISH_UNCUT = frozenset(_ENGLISH_UNCUT.split())
"""English words that are no plural, or that would share the token of another word without their last letter."""

BRITISH_WORDS = {
    "programme": "program",
    "centre": "center",
    "theatre": "theater",
    "metre": "meter",
    "kilometre": "kilometer",
    "litre": "liter",
    "offence": "offense",
    "defence": "defense",
    "licence": "license",
    "practise": "practice",
    "practised": "practiced",
    "practising": "practicing",
    "dialogue": "dialog",
    "catalogue": "catalog",
    "enrol": "enroll",
    "enrolment": "enrollment",
    "fulfil": "fulfill",
    "fulfilment": "fulfillment",
    "instalment": "installment",
    "skilful": "skillful",
    "judgement": "judgment",
    "ageing": "aging",
    "cheque": "check",
    "grey": "gray",
}
"""British words in the singular, with the American spelling."""

BRITISH_ROOTS = {
    "paediatric": "pediatric",
    "anaemi": "anemi",
    "gynaecolog": "gynecolog",
    "haemorrhag": "hemorrhag",
    "orthopaedic": "orthopedic",
    "caesarean": "cesarean",
    "foet": "fet",
    "oestrogen": "estrogen",
    "diarrhoea": "diarrhea",
    "counsell": "counsel",
    "travell": "travel",
    "modell": "model",
    "labell": "label",
    "signall": "signal",
    "channell": "channel",
}
"""Beginnings of British words, with the American spelling."""

OUR_ROOTS = (
    *("arm", "behavi", "col", "demean", "endeav", "fav", "flav", "glam", "harb", "hon", "hum", "lab", "misdemean"),
    *("neighb", "od", "parl", "rum", "sav", "savi", "tum", "val", "vap", "vig"),
)
"""Letters before a British -our- that is spelled -or- in America, at the end of a word or inside it."""

_SPANISH_STOP_WORDS = (
    "a al como con cual cuales cuando cuanto de del desde donde e el en entre es esta estas este esto estos ha han hay "
    "la las le les lo los ni o para por que quien quienes se si sobre su sus u un una unas uno unos y"
)
_ENGLISH_STOP_WORDS = (
    "an and are as at be by did do does for from has have how in into is it its of on or our s that the their them "
    "these this those to was were what when where which who whom whose why will with"
)
STOP_WORDS = frozenset(f"{_SPANISH_STOP_WORDS} {_ENGLISH_STOP_WORDS}".split())
"""Dropped from plain words, never from phrases. Words that reverse a meaning (no, sin, contra, not, without) stay."""

_SPANISH_WEAK_WORDS = (
    "acaso afecta afectan algo alguien alguna algunas alguno algunos ante aumenta aumentan aumentar ayuda ayudan "
    "ayudar ayude ayudo bien cada cambia cambian cambiar causa causan conmigo consigue consiguen contra contribuye "
    "contribuyen cosa cosas cual cuales cuando cuanta cuantas cuanto cuantos cuenta cuesta cuestan da dan dar darle "
    "darles debe deben debo decir dentro despues dice dicen disminuir disminuye disminuyen durante efectiva efectivas "
    "efectividad efectivo efectivos efecto efectos eficaces eficacia eficaz ella ellas ellos eran es esa esas ese eso "
    "esos esta estan estar estudio estudios evaluacion evaluaciones evidencia evidencias evita evitan evitar existe "
    "existen existir forma formas frente fue fueron funciona funcionan funcionar genera generan generar gente habia "
    "hace hacen hacer hacia hago hasta haya hecho hechos igual impacto impactos incluso influye influyen intervencion "
    "intervenciones investigacion investigaciones lejos logra logran lograr logre mal manera mas mayor me mejor "
    "mejora mejoran mejorar menor menos mi mientras mis misma mismo mucha muchas mucho muchos muy nada nadie necesita "
    "necesito nos nosotras nosotros nuestra nuestras nuestro nuestros otra otras otro otros pasa pasar peor pero "
    "persona personas poca poco podemos poder podria porque pregunta prevenir previene previenen produce producen "
    "programa programas provoca provocan proyecto proyectos puede pueden puedo quiere quieren quiero realmente "
    "reduccion reduce reducen reducir resulta resultado resultados sabe saber sea segun ser servir serviria sirve "
    "sirven sobre solo son soy sufre sufren sufrir tal tambien tampoco tan tanta tanto te tener tengo tiene tienen "
    "tipo tipos toda todas todo todos trae traen tras tu tus unas unos usted ustedes va vale van veces verdad vez ya "
    "yo"
)
_ENGLISH_WEAK_WORDS = (
    "about actually after against all also among any anyone anything around because before best better between can "
    "could cause causes decrease decreases during each effect effective effectively effectiveness effects else ever "
    "every evidence find finds found get gets getting good happen happens he help helping helps her him his i if "
    "impact impacts improve improves improving increase increases increasing intervention interventions just less "
    "like lower lowers make makes making many may me might more most much must my need needs of other people person "
    "program programme programmes programs prevent preventing prevents really reduce reduces reducing reduction "
    "research results same she should so some someone stop stops studies study such than then there thing things "
    "through too under us use used using way ways we when while within work works would you your"
)
WEAK_WORDS = frozenset(f"{_SPANISH_WEAK_WORDS} {_ENGLISH_WEAK_WORDS}".split())
"""Words of questions and of talk about studies: verbs of effect, pronouns, quantities. Beside words that tell what is
sought they are left out of the search, unless they are part of a name or of a word of the thesaurus."""

UNTELLING_WORDS = STOP_WORDS | WEAK_WORDS
"""Words that a query of several words can do without."""

_SUBJECT_WORDS = (
    "violencia violencias violenta mujer mujeres genero vcm vbg violence violent woman women gender vaw gbv"
)
SUBJECT_WORDS = frozenset(_SUBJECT_WORDS.split())
"""Words of what the whole bank is about. Beside words that tell more, a study need not have them."""

QUESTION_OPENERS = frozenset(
    tuple(opener.split())
    for opener in (
        *("que funciona", "que funciona contra", "que sirve", "que sirve contra", "que no funciona"),
        *("que programas funcionan", "que programas funcionan contra", "que programas sirven", "que programas hay"),
        *("que intervenciones funcionan", "que intervenciones funcionan contra", "que intervenciones hay"),
        *("que evidencia hay", "que evidencia existe", "cual es la evidencia", "existe evidencia", "hay evidencia"),
        *("que dice la evidencia", "que se sabe", "que sabemos", "que efecto tiene", "que efectos tiene"),
        *(
            "que efecto tienen",
            "que efectos tienen",
            "cual es el efecto",
            "cuales son los efectos",
            "cual es el impacto",
        ),
        *("que impacto tiene", "que impacto tienen", "como funciona", "como funcionan", "funciona", "funcionan"),
        *("que tan efectivo es", "que tan efectiva es", "que tan efectivos son", "que tan efectivas son"),
        *("que es", "que son", "como se puede", "como podemos", "es seguro", "es peligroso", "es bueno", "conviene"),
        *("es recomendable", "vale la pena", "tiene sentido", "es cierto que", "es verdad que"),
        *(
            "is it safe",
            "is it safe to",
            "is it dangerous to",
            "is it a good idea to",
            "is it true that",
            "is it worth",
        ),
        *("what works", "what works against", "what does not work", "what doesn t work", "what programs work"),
        *("what programmes work", "which programs work", "which programmes work", "what interventions work"),
        *("which interventions work", "which interventions work against", "what interventions work against"),
        *(
            "what does the evidence say",
            "what does the evidence say about",
            "what is the evidence",
            "is there evidence",
        ),
        *("estudios en", "estudios sobre", "estudios acerca de", "evidencia en", "evidencia sobre", "evidencia de"),
        *("investigaciones sobre", "articulos sobre", "studies in", "studies on", "studies about", "evidence on"),
        *("evidence about", "evidence for", "evidence from", "research on", "research about", "papers on"),
        *("what evidence is there", "is there any evidence", "what is known", "what is known about", "what do we know"),
        *("what do we know about", "what is the effect", "what are the effects", "what is the impact"),
        *("what effect does", "what effect do", "how effective is", "how effective are", "how can we", "how does"),
    )
)
"""First words of questions that readers type, left out of the search: "what works against X" looks for X."""
