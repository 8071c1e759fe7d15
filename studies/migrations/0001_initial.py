import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    # The last of the thirteen migrations before the first release, and on purpose only the last: a database that has
    # it goes on after this one, and for a database that has fewer of them this one runs and fails at its first table.
    replaces = [("studies", "0013_counted_searches")]

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BankCounter",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("bank_id", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("change_no", models.PositiveBigIntegerField(default=0)),
                ("vocabulary_no", models.PositiveBigIntegerField(default=0)),
                ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("vocabulary_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "verbose_name": "contador de cambios",
                "verbose_name_plural": "contador de cambios",
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="counter_has_one_row")],
            },
        ),
        migrations.CreateModel(
            name="Term",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "vocabulary",
                    models.CharField(
                        choices=[
                            ("themes", "Temas"),
                            ("interventions", "Intervenciones"),
                            ("outcome_groups", "Grupos de resultados"),
                            ("outcomes", "Resultados medidos"),
                            ("design_families", "Familias de diseños"),
                            ("designs", "Diseños"),
                            ("populations", "Poblaciones"),
                            ("settings", "Ámbitos"),
                            ("effects", "Efectos"),
                            ("certainty", "Certeza"),
                            ("statuses", "Estados del estudio"),
                            ("types", "Tipos de publicación"),
                            ("languages", "Idiomas de publicación"),
                            ("measures", "Medidas"),
                            ("units", "Unidades"),
                            ("sample_units", "Unidades de la muestra"),
                            ("regions", "Regiones"),
                            ("countries", "Países"),
                        ],
                        max_length=20,
                        verbose_name="vocabulario",
                    ),
                ),
                ("code", models.CharField(max_length=80, verbose_name="código")),
                ("label_es", models.CharField(max_length=200, verbose_name="nombre en español")),
                ("label_en", models.CharField(max_length=200, verbose_name="nombre en inglés")),
                ("definition_es", models.TextField(blank=True, verbose_name="definición en español")),
                ("definition_en", models.TextField(blank=True, verbose_name="definición en inglés")),
                ("position", models.PositiveIntegerField(default=0, verbose_name="orden")),
                ("is_retired", models.BooleanField(default=False, verbose_name="retirado")),
                ("attributes", models.JSONField(blank=True, default=dict, verbose_name="otros datos")),
                ("loaded_hash", models.CharField(blank=True, editable=False, max_length=32)),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merged",
                        to="studies.term",
                        verbose_name="unido a",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="studies.term",
                        verbose_name="dentro de",
                    ),
                ),
            ],
            options={
                "verbose_name": "término",
                "verbose_name_plural": "términos",
                "ordering": ["vocabulary", "position", "code"],
                "constraints": [
                    models.UniqueConstraint(fields=("vocabulary", "code"), name="term_code_unique"),
                    models.CheckConstraint(condition=models.Q(("code", ""), _negated=True), name="term_has_code"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("label_es", ""), _negated=True), models.Q(("label_en", ""), _negated=True)
                        ),
                        name="term_has_labels",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("merged_into__isnull", True), ("is_retired", True), _connector="OR"),
                        name="term_merged_is_retired",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Concept",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField(max_length=80, unique=True, verbose_name="concepto")),
                (
                    "words_es",
                    models.JSONField(blank=True, default=list, verbose_name="palabras en español"),
                ),
                (
                    "words_en",
                    models.JSONField(blank=True, default=list, verbose_name="palabras en inglés"),
                ),
                (
                    "words_typed",
                    models.JSONField(
                        blank=True,
                        default=list,
                        verbose_name="palabras que solo se reconocen",
                    ),
                ),
                (
                    "expand",
                    models.CharField(
                        choices=[
                            ("yes", "Sus palabras y las de todos los conceptos más específicos"),
                            ("one-level", "Sus palabras y las de los conceptos del nivel siguiente"),
                            ("own-words-only", "Solo sus palabras"),
                            ("no", "Nada"),
                        ],
                        default="yes",
                        max_length=20,
                        verbose_name="qué añade",
                    ),
                ),
                ("only_in_capitals", models.BooleanField(default=False, verbose_name="siglas solo en mayúsculas")),
                ("is_ambiguous", models.BooleanField(default=False, verbose_name="ambiguo")),
                ("note", models.TextField(blank=True, verbose_name="nota")),
                ("loaded_hash", models.CharField(blank=True, editable=False, max_length=32)),
                (
                    "broader",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="narrower",
                        to="studies.concept",
                        verbose_name="más general",
                    ),
                ),
                (
                    "terms",
                    models.ManyToManyField(
                        blank=True, related_name="concepts", to="studies.term", verbose_name="términos"
                    ),
                ),
            ],
            options={
                "verbose_name": "concepto del tesauro",
                "verbose_name_plural": "conceptos del tesauro",
                "ordering": ["slug"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("broader__isnull", True),
                            models.Q(("broader", models.F("id")), _negated=True),
                            _connector="OR",
                        ),
                        name="concept_not_broader_than_itself",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Instrument",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField(max_length=120, unique=True, verbose_name="identificador")),
                ("name", models.CharField(max_length=100, verbose_name="nombre")),
                ("version", models.CharField(max_length=100, verbose_name="versión")),
                ("purpose_es", models.CharField(max_length=200, verbose_name="para qué sirve, en español")),
                ("purpose_en", models.CharField(max_length=200, verbose_name="para qué sirve, en inglés")),
                ("citation", models.TextField(verbose_name="cómo se cita")),
                ("url", models.URLField(max_length=2000, verbose_name="dirección")),
                (
                    "rule",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("worst-domain", "el peor dominio decide"),
                            ("critical-flaws", "fallas críticas y no críticas"),
                        ],
                        max_length=20,
                        verbose_name="regla del juicio global",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="orden")),
                ("is_retired", models.BooleanField(default=False, verbose_name="ya no se ofrece")),
                ("loaded_hash", models.CharField(blank=True, editable=False, max_length=32)),
                (
                    "designs",
                    models.ManyToManyField(
                        blank=True,
                        limit_choices_to={"is_retired": False, "vocabulary": "designs"},
                        related_name="instruments",
                        to="studies.term",
                        verbose_name="diseños para los que se propone",
                    ),
                ),
            ],
            options={
                "verbose_name": "instrumento de evaluación de calidad",
                "verbose_name_plural": "instrumentos de evaluación de calidad",
                "ordering": ["position", "slug"],
            },
        ),
        migrations.CreateModel(
            name="InstrumentDomain",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="orden")),
                ("code", models.SlugField(max_length=120, verbose_name="código")),
                ("label_es", models.CharField(max_length=200, verbose_name="nombre en español")),
                ("label_en", models.CharField(max_length=200, verbose_name="nombre en inglés")),
                ("hint_es", models.TextField(blank=True, verbose_name="qué se juzga, en español")),
                ("hint_en", models.TextField(blank=True, verbose_name="qué se juzga, en inglés")),
                ("is_critical", models.BooleanField(default=False, verbose_name="crítico")),
                ("levels", models.JSONField(blank=True, default=list, verbose_name="niveles que admite")),
                (
                    "instrument",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="domains", to="studies.instrument"
                    ),
                ),
            ],
            options={
                "verbose_name": "dominio",
                "verbose_name_plural": "dominios",
                "ordering": ["position", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("instrument", "code"), name="instrument_domain_unique")
                ],
            },
        ),
        migrations.CreateModel(
            name="InstrumentLevel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "scope",
                    models.CharField(
                        choices=[("domain", "de un dominio"), ("overall", "del juicio global")],
                        max_length=10,
                        verbose_name="de qué",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="orden")),
                ("code", models.SlugField(max_length=120, verbose_name="código")),
                ("label_es", models.CharField(max_length=200, verbose_name="nombre en español")),
                ("label_en", models.CharField(max_length=200, verbose_name="nombre en inglés")),
                (
                    "certainty",
                    models.ForeignKey(
                        blank=True,
                        limit_choices_to={"is_retired": False, "vocabulary": "certainty"},
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="instrument_levels",
                        to="studies.term",
                        verbose_name="equivale a",
                    ),
                ),
                (
                    "instrument",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="levels", to="studies.instrument"
                    ),
                ),
            ],
            options={
                "verbose_name": "nivel",
                "verbose_name_plural": "niveles",
                "ordering": ["position", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("instrument", "scope", "code"), name="instrument_level_unique"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("scope", "domain"),
                            models.Q(("certainty__isnull", False), ("scope", "overall")),
                            _connector="OR",
                        ),
                        name="instrument_overall_level_has_certainty",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportBatch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="subida")),
                ("file_name", models.CharField(max_length=255, verbose_name="archivo")),
                ("checksum", models.CharField(max_length=64, verbose_name="suma de comprobación (SHA-256)")),
                ("size", models.PositiveBigIntegerField(default=0, verbose_name="tamaño en bytes")),
                ("format", models.CharField(max_length=10, verbose_name="formato")),
                ("language", models.CharField(blank=True, max_length=10, verbose_name="idioma indicado")),
                ("head", models.TextField(blank=True)),
                ("notes", models.JSONField(blank=True, default=list, verbose_name="notas")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("reading", "leyéndose"),
                            ("preview", "por decidir"),
                            ("written", "importada"),
                            ("undone", "deshecha"),
                        ],
                        default="reading",
                        max_length=10,
                        verbose_name="estado",
                    ),
                ),
                ("row_count", models.PositiveIntegerField(default=0, verbose_name="referencias")),
                ("change_no", models.PositiveBigIntegerField(blank=True, null=True)),
                ("written_at", models.DateTimeField(blank=True, null=True, verbose_name="importada el")),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="persona",
                    ),
                ),
            ],
            options={
                "verbose_name": "importación",
                "verbose_name_plural": "importaciones",
                "ordering": ["-at", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["reading", "preview", "written", "undone"])),
                        name="import_state_is_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BulkChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("criteria", models.TextField(blank=True)),
                ("action", models.JSONField(blank=True, null=True)),
                ("what", models.TextField(blank=True, verbose_name="qué se hizo")),
                ("note", models.TextField(blank=True, verbose_name="motivo")),
                ("change_no", models.PositiveBigIntegerField(blank=True, null=True, verbose_name="cambio")),
                ("done_at", models.DateTimeField(blank=True, null=True, verbose_name="fecha")),
                ("undone_at", models.DateTimeField(blank=True, null=True, verbose_name="deshecho")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="persona",
                    ),
                ),
                (
                    "undone_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "trabajo en grupo",
                "verbose_name_plural": "trabajos en grupo",
                "ordering": ["-done_at", "-id"],
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("done_at__isnull", True), ("undone_at__isnull", True)),
                            models.Q(("action__isnull", False), ("done_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="bulk_change_done_before_undone",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LinkCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(editable=False, max_length=64, unique=True)),
                ("url", models.TextField(verbose_name="dirección")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("ok", "responde"),
                            ("dead", "ya no existe"),
                            ("failing", "no respondió"),
                            ("closed", "no deja comprobar"),
                            ("skipped", "no se pregunta"),
                        ],
                        max_length=10,
                        verbose_name="respuesta",
                    ),
                ),
                ("status", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="código HTTP")),
                ("detail", models.CharField(blank=True, max_length=300, verbose_name="detalle")),
                ("checked_at", models.DateTimeField(verbose_name="comprobada")),
                ("failures", models.PositiveSmallIntegerField(default=0, verbose_name="fallos seguidos")),
                ("failing_since", models.DateTimeField(blank=True, null=True, verbose_name="falla desde")),
            ],
            options={
                "verbose_name": "enlace comprobado",
                "verbose_name_plural": "enlaces comprobados",
                "ordering": ["-failures", "url"],
                "default_permissions": (),
                "indexes": [models.Index(fields=["state", "failures"], name="link_state_failures")],
            },
        ),
        migrations.CreateModel(
            name="Programme",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField(max_length=120, unique=True, verbose_name="identificador")),
                ("name", models.CharField(max_length=300, unique=True, verbose_name="nombre propio")),
                ("name_es", models.CharField(max_length=300, verbose_name="nombre en español")),
                ("name_en", models.CharField(max_length=300, verbose_name="nombre en inglés")),
                ("aliases", models.JSONField(blank=True, default=list, verbose_name="otros nombres y siglas")),
                ("organisation", models.CharField(blank=True, max_length=300, verbose_name="organización")),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("diagnosis", "diagnóstico"),
                            ("evidence", "estudiado sin medir su efecto"),
                            ("design", "diseño"),
                            ("evaluation", "evaluación en curso"),
                            ("results", "con resultados"),
                            ("scale-up", "a gran escala"),
                            ("closed", "cerrado"),
                            ("unknown", "sin dato"),
                        ],
                        default="unknown",
                        max_length=12,
                        verbose_name="etapa",
                    ),
                ),
                (
                    "registration",
                    models.CharField(blank=True, max_length=300, verbose_name="registro de la evaluación"),
                ),
                (
                    "expected_results",
                    models.CharField(blank=True, max_length=100, verbose_name="resultados anunciados para"),
                ),
                ("description_es", models.TextField(blank=True, verbose_name="descripción en español")),
                ("description_en", models.TextField(blank=True, verbose_name="descripción en inglés")),
                ("sources", models.JSONField(blank=True, default=list, verbose_name="fuentes")),
                ("loaded_hash", models.CharField(blank=True, editable=False, max_length=32)),
                (
                    "adapted_from",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="adapted",
                        to="studies.programme",
                        verbose_name="adaptado de",
                    ),
                ),
                (
                    "countries",
                    models.ManyToManyField(
                        blank=True,
                        limit_choices_to={"is_retired": False, "vocabulary": "countries"},
                        related_name="programmes_in_country",
                        to="studies.term",
                        verbose_name="países",
                    ),
                ),
                (
                    "themes",
                    models.ManyToManyField(
                        blank=True,
                        limit_choices_to={"is_retired": False, "vocabulary": "themes"},
                        related_name="programmes_of_theme",
                        to="studies.term",
                        verbose_name="temas",
                    ),
                ),
                ("is_published", models.BooleanField(default=False, verbose_name="publicado")),
                ("question_en", models.TextField(blank=True, verbose_name="pregunta que responde, en inglés")),
                ("question_es", models.TextField(blank=True, verbose_name="pregunta que responde, en español")),
            ],
            options={
                "verbose_name": "programa",
                "verbose_name_plural": "programas",
                "ordering": ["name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("adapted_from__isnull", True),
                            models.Q(("adapted_from", models.F("id")), _negated=True),
                            _connector="OR",
                        ),
                        name="programme_not_adapted_from_itself",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "stage__in",
                                [
                                    "diagnosis",
                                    "evidence",
                                    "design",
                                    "evaluation",
                                    "results",
                                    "scale-up",
                                    "closed",
                                    "unknown",
                                ],
                            )
                        ),
                        name="programme_stage_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_published", False), models.Q(("sources", []), _negated=True), _connector="OR"
                        ),
                        name="programme_published_has_source",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Evaluation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField(max_length=120, unique=True, verbose_name="identificador")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("trial", "ensayo o comparación que se cuenta una vez"),
                            ("data-set", "base de datos compartida"),
                        ],
                        max_length=10,
                        verbose_name="clase",
                    ),
                ),
                ("name_es", models.CharField(max_length=300, verbose_name="nombre en español")),
                ("name_en", models.CharField(max_length=300, verbose_name="nombre en inglés")),
                ("registration", models.CharField(blank=True, max_length=300, verbose_name="registro")),
                ("loaded_hash", models.CharField(blank=True, editable=False, max_length=32)),
                (
                    "programme",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="evaluations",
                        to="studies.programme",
                        verbose_name="programa",
                    ),
                ),
            ],
            options={
                "verbose_name": "evaluación",
                "verbose_name_plural": "evaluaciones",
                "ordering": ["slug"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["trial", "data-set"])), name="evaluation_kind"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Study",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField(max_length=120, unique=True, verbose_name="identificador")),
                ("title", models.TextField(verbose_name="título original")),
                ("title_es", models.TextField(blank=True, verbose_name="título en español")),
                ("title_en", models.TextField(blank=True, verbose_name="título en inglés")),
                ("year", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="año")),
                ("container_title", models.TextField(blank=True, verbose_name="revista, libro o sitio")),
                ("volume", models.CharField(blank=True, max_length=50, verbose_name="volumen")),
                ("issue", models.CharField(blank=True, max_length=50, verbose_name="número de la revista")),
                ("pages", models.CharField(blank=True, max_length=80, verbose_name="páginas")),
                ("publisher", models.TextField(blank=True, verbose_name="editorial o institución")),
                ("number", models.CharField(blank=True, max_length=120, verbose_name="número de la serie")),
                ("doi", models.CharField(blank=True, max_length=250, null=True, verbose_name="DOI")),
                ("url", models.URLField(blank=True, max_length=2000, verbose_name="dirección")),
                ("open_access", models.BooleanField(blank=True, null=True, verbose_name="acceso libre")),
                (
                    "sample_size",
                    models.PositiveBigIntegerField(blank=True, null=True, verbose_name="tamaño de la muestra"),
                ),
                ("period", models.CharField(blank=True, max_length=50, verbose_name="periodo")),
                ("key_finding_es", models.TextField(blank=True, verbose_name="hallazgo principal en español")),
                ("key_finding_en", models.TextField(blank=True, verbose_name="hallazgo principal en inglés")),
                ("summary_es", models.TextField(blank=True, verbose_name="resumen en español")),
                ("summary_en", models.TextField(blank=True, verbose_name="resumen en inglés")),
                ("limitations_es", models.TextField(blank=True, verbose_name="límites en español")),
                ("limitations_en", models.TextField(blank=True, verbose_name="límites en inglés")),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("draft", "borrador"),
                            ("in-review", "en revisión"),
                            ("published", "publicado"),
                            ("withdrawn", "retirado"),
                            ("merged", "unido a otro"),
                        ],
                        default="draft",
                        editable=False,
                        max_length=12,
                        verbose_name="etapa",
                    ),
                ),
                ("stage_note", models.TextField(blank=True, editable=False, verbose_name="motivo")),
                (
                    "published_at",
                    models.DateTimeField(
                        blank=True, editable=False, null=True, verbose_name="publicado por primera vez"
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="creado")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="última modificación")),
                ("changed_no", models.PositiveBigIntegerField(db_index=True, default=0, editable=False)),
                ("folded", models.TextField(default="", editable=False)),
                ("loaded_hash", models.CharField(blank=True, editable=False, max_length=32)),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merged",
                        to="studies.study",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="named_by",
                        to="studies.programme",
                        verbose_name="programa",
                    ),
                ),
                (
                    "language",
                    models.ForeignKey(
                        blank=True,
                        limit_choices_to={"is_retired": False, "vocabulary": "languages"},
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="studies_in_language",
                        to="studies.term",
                        verbose_name="idioma",
                    ),
                ),
                (
                    "sample_unit",
                    models.ForeignKey(
                        blank=True,
                        limit_choices_to={"is_retired": False, "vocabulary": "sample_units"},
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="studies_by_sample_unit",
                        to="studies.term",
                        verbose_name="unidad de la muestra",
                    ),
                ),
                (
                    "status",
                    models.ForeignKey(
                        blank=True,
                        limit_choices_to={"is_retired": False, "vocabulary": "statuses"},
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="studies_of_status",
                        to="studies.term",
                        verbose_name="estado del estudio",
                    ),
                ),
                (
                    "type",
                    models.ForeignKey(
                        blank=True,
                        limit_choices_to={"is_retired": False, "vocabulary": "types"},
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="studies_of_type",
                        to="studies.term",
                        verbose_name="tipo de publicación",
                    ),
                ),
                (
                    "recheck_on",
                    models.DateField(blank=True, editable=False, null=True, verbose_name="volver a comprobar el"),
                ),
            ],
            options={
                "verbose_name": "estudio",
                "verbose_name_plural": "estudios",
                "ordering": ["-year", "slug"],
                "permissions": [
                    ("review_study", "Puede publicar y devolver estudios"),
                    ("administer_study", "Puede retirar y restablecer estudios publicados"),
                ],
                "indexes": [
                    models.Index(fields=["stage", "-year", "slug"], name="study_stage_year"),
                    models.Index(fields=["stage", "recheck_on"], name="study_stage_recheck"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("doi",), name="study_doi_unique"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("slug", ""), _negated=True), models.Q(("title", ""), _negated=True)
                        ),
                        name="study_has_slug_and_title",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("doi__isnull", True), ("doi__startswith", "10."), _connector="OR"),
                        name="study_doi_is_bare",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("stage__in", ["draft", "in-review", "published", "withdrawn", "merged"])),
                        name="study_stage_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("sample_unit__isnull", True), ("sample_size__isnull", False), _connector="OR"
                        ),
                        name="study_sample_unit_has_size",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("stage", "published"), _negated=True),
                            models.Q(("published_at__isnull", False), ("year__isnull", False)),
                            _connector="OR",
                        ),
                        name="study_published_is_complete",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("merged_into__isnull", False), ("stage", "merged")),
                            models.Q(models.Q(("stage", "merged"), _negated=True), ("merged_into__isnull", True)),
                            _connector="OR",
                        ),
                        name="study_merged_has_target",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("stage", "withdrawn"), _negated=True),
                            models.Q(("stage_note", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="study_withdrawn_has_reason",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="programme",
            name="rests_on",
            field=models.ManyToManyField(
                blank=True,
                related_name="programmes_resting_on_it",
                to="studies.study",
                verbose_name="estudios en los que se apoya",
            ),
        ),
        migrations.CreateModel(
            name="ProgrammeStudy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="orden")),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="programme_studies",
                        to="studies.programme",
                    ),
                ),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="studies.study",
                        verbose_name="estudio",
                    ),
                ),
            ],
            options={
                "ordering": ["position", "id"],
                "constraints": [models.UniqueConstraint(fields=("programme", "study"), name="programme_study_unique")],
            },
        ),
        migrations.AddField(
            model_name="programme",
            name="studies",
            field=models.ManyToManyField(
                related_name="programmes", through="studies.ProgrammeStudy", to="studies.study"
            ),
        ),
        migrations.CreateModel(
            name="EvaluationStudy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="orden")),
                (
                    "evaluation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="evaluation_studies",
                        to="studies.evaluation",
                    ),
                ),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="evaluation_studies",
                        to="studies.study",
                        verbose_name="estudio",
                    ),
                ),
            ],
            options={
                "ordering": ["position", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("evaluation", "study"), name="evaluation_study_unique")
                ],
            },
        ),
        migrations.AddField(
            model_name="evaluation",
            name="studies",
            field=models.ManyToManyField(
                related_name="evaluations", through="studies.EvaluationStudy", to="studies.study"
            ),
        ),
        migrations.CreateModel(
            name="Authorship",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="orden")),
                ("family", models.CharField(blank=True, max_length=200, verbose_name="apellidos")),
                ("given", models.CharField(blank=True, max_length=200, verbose_name="nombres")),
                (
                    "non_dropping_particle",
                    models.CharField(blank=True, max_length=50, verbose_name="partícula antes del apellido"),
                ),
                (
                    "dropping_particle",
                    models.CharField(blank=True, max_length=50, verbose_name="partícula que se pospone"),
                ),
                ("literal", models.CharField(blank=True, max_length=500, verbose_name="institución")),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="authorships", to="studies.study"
                    ),
                ),
            ],
            options={
                "verbose_name": "autor o autora",
                "verbose_name_plural": "autores",
                "ordering": ["position", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(models.Q(("family", ""), _negated=True), ("literal", "")),
                            models.Q(
                                models.Q(("literal", ""), _negated=True),
                                ("dropping_particle", ""),
                                ("family", ""),
                                ("given", ""),
                                ("non_dropping_particle", ""),
                            ),
                            _connector="OR",
                        ),
                        name="authorship_is_person_or_institution",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="StudyTerm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField(default=0)),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="study_terms", to="studies.study"
                    ),
                ),
                (
                    "term",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="study_terms",
                        to="studies.term",
                        verbose_name="término",
                    ),
                ),
            ],
            options={
                "ordering": ["position", "id"],
                "constraints": [models.UniqueConstraint(fields=("study", "term"), name="study_term_unique")],
            },
        ),
        migrations.AddField(
            model_name="study",
            name="terms",
            field=models.ManyToManyField(related_name="studies", through="studies.StudyTerm", to="studies.term"),
        ),
        migrations.CreateModel(
            name="Finding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="orden")),
                ("statement_es", models.TextField(blank=True, verbose_name="hallazgo en español")),
                ("statement_en", models.TextField(blank=True, verbose_name="hallazgo en inglés")),
                ("value", models.FloatField(blank=True, null=True, verbose_name="valor")),
                ("ci_low", models.FloatField(blank=True, null=True, verbose_name="límite inferior del intervalo")),
                ("ci_high", models.FloatField(blank=True, null=True, verbose_name="límite superior del intervalo")),
                ("ci_level", models.FloatField(blank=True, null=True, verbose_name="nivel del intervalo (%)")),
                ("p", models.FloatField(blank=True, null=True, verbose_name="valor p")),
                ("follow_up", models.CharField(blank=True, max_length=50, verbose_name="seguimiento")),
                ("follow_up_months", models.FloatField(blank=True, null=True, verbose_name="seguimiento en meses")),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="findings", to="studies.study"
                    ),
                ),
                (
                    "effect",
                    models.ForeignKey(
                        limit_choices_to={"is_retired": False, "vocabulary": "effects"},
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="findings_with_effect",
                        to="studies.term",
                        verbose_name="efecto",
                    ),
                ),
                (
                    "interventions",
                    models.ManyToManyField(
                        blank=True,
                        limit_choices_to={"is_retired": False, "vocabulary": "interventions"},
                        related_name="findings_of_intervention",
                        to="studies.term",
                        verbose_name="intervenciones",
                    ),
                ),
                (
                    "measure",
                    models.ForeignKey(
                        blank=True,
                        limit_choices_to={"is_retired": False, "vocabulary": "measures"},
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="findings_with_measure",
                        to="studies.term",
                        verbose_name="medida",
                    ),
                ),
                (
                    "outcome",
                    models.ForeignKey(
                        limit_choices_to={"is_retired": False, "vocabulary": "outcomes"},
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="findings",
                        to="studies.term",
                        verbose_name="resultado medido",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        blank=True,
                        limit_choices_to={"is_retired": False, "vocabulary": "units"},
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="findings_in_unit",
                        to="studies.term",
                        verbose_name="unidad",
                    ),
                ),
            ],
            options={
                "verbose_name": "hallazgo",
                "verbose_name_plural": "hallazgos",
                "ordering": ["position", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("p__isnull", True), models.Q(("p__gte", 0), ("p__lte", 1)), _connector="OR"
                        ),
                        name="finding_p_is_probability",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ci_low__isnull", True),
                            ("ci_high__isnull", True),
                            ("ci_low__lte", models.F("ci_high")),
                            _connector="OR",
                        ),
                        name="finding_interval_in_order",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Source",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="orden")),
                ("url", models.URLField(max_length=2000, verbose_name="dirección")),
                ("supports", models.JSONField(blank=True, default=list, verbose_name="sustenta")),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="sources", to="studies.study"
                    ),
                ),
            ],
            options={
                "verbose_name": "fuente",
                "verbose_name_plural": "fuentes",
                "ordering": ["position", "id"],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("url", ""), _negated=True), name="source_has_url")
                ],
            },
        ),
        migrations.CreateModel(
            name="Revision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("change_no", models.PositiveBigIntegerField(verbose_name="cambio")),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("draft", "borrador"),
                            ("in-review", "en revisión"),
                            ("published", "publicado"),
                            ("withdrawn", "retirado"),
                            ("merged", "unido a otro"),
                        ],
                        max_length=12,
                        verbose_name="etapa",
                    ),
                ),
                ("is_content", models.BooleanField(verbose_name="cambia el registro")),
                ("record", models.JSONField(verbose_name="registro")),
                ("note", models.TextField(blank=True, verbose_name="nota")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="fecha")),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="persona",
                    ),
                ),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="revisions", to="studies.study"
                    ),
                ),
                ("changed", models.JSONField(blank=True, default=list, verbose_name="campos que cambiaron")),
                (
                    "reviewed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="revisó",
                    ),
                ),
            ],
            options={
                "verbose_name": "revisión",
                "verbose_name_plural": "revisiones",
                "ordering": ["-change_no", "-id"],
                "constraints": [
                    models.UniqueConstraint(fields=("study", "change_no"), name="revision_once_per_change")
                ],
            },
        ),
        migrations.CreateModel(
            name="Check",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("note", models.TextField(blank=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="checks", to="studies.study"
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-id"],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Note",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("text", models.TextField()),
                ("resolved_at", models.DateTimeField(blank=True, null=True)),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "resolved_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="notes", to="studies.study"
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-id"],
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("resolved_at__isnull", True), ("resolved_by__isnull", True)),
                            models.Q(("resolved_at__isnull", False), ("resolved_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="note_resolved_by_somebody",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Proposal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "espera revisión"),
                            ("returned", "devuelta"),
                            ("accepted", "publicada"),
                            ("withdrawn", "retirada por su autor o autora"),
                        ],
                        default="waiting",
                        max_length=10,
                        verbose_name="estado",
                    ),
                ),
                ("base_no", models.PositiveBigIntegerField(verbose_name="cambio de partida")),
                ("record", models.JSONField(verbose_name="registro propuesto")),
                (
                    "accepted_no",
                    models.PositiveBigIntegerField(blank=True, null=True, verbose_name="cambio con el que se publicó"),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="creada")),
                (
                    "moved_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="en este estado desde"),
                ),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="autor o autora",
                    ),
                ),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="proposals",
                        to="studies.study",
                        verbose_name="estudio",
                    ),
                ),
            ],
            options={
                "verbose_name": "propuesta",
                "verbose_name_plural": "propuestas",
                "ordering": ["-moved_at", "-id"],
                "default_permissions": (),
                "indexes": [models.Index(fields=["state", "moved_at"], name="proposal_state_moved")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["waiting", "returned"])),
                        fields=("study", "author"),
                        name="proposal_one_open_per_author",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["waiting", "returned", "accepted", "withdrawn"])),
                        name="proposal_state",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ProposalStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("sent", "enviada"),
                            ("returned", "devuelta"),
                            ("corrected", "corregida y publicada"),
                            ("accepted", "publicada"),
                            ("withdrawn", "retirada"),
                        ],
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("note", models.TextField(blank=True)),
                ("record", models.JSONField(blank=True, null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "proposal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="steps", to="studies.proposal"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Merge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("change_no", models.PositiveBigIntegerField(verbose_name="cambio")),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("draft", "borrador"),
                            ("in-review", "en revisión"),
                            ("published", "publicado"),
                            ("withdrawn", "retirado"),
                            ("merged", "unido a otro"),
                        ],
                        max_length=12,
                        verbose_name="etapa",
                    ),
                ),
                ("stage_note", models.TextField(blank=True, verbose_name="motivo")),
                ("carried", models.JSONField(default=dict)),
                ("note", models.TextField(blank=True, verbose_name="nota")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="fecha")),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="persona",
                    ),
                ),
                (
                    "into",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merges_into",
                        to="studies.study",
                        verbose_name="unido a",
                    ),
                ),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="merges",
                        to="studies.study",
                        verbose_name="estudio",
                    ),
                ),
                (
                    "undone_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "unión",
                "verbose_name_plural": "uniones",
                "ordering": ["-at", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("study", models.F("into")), _negated=True), name="merge_of_two"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("undone_at", None)), fields=("study",), name="merge_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NotDuplicate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("note", models.TextField(blank=True, verbose_name="nota")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="fecha")),
                ("taken_back_at", models.DateTimeField(blank=True, null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="persona",
                    ),
                ),
                (
                    "first",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="studies.study",
                        verbose_name="estudio",
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="studies.study",
                        verbose_name="otro estudio",
                    ),
                ),
                (
                    "taken_back_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "par que no es duplicado",
                "verbose_name_plural": "pares que no son duplicados",
                "ordering": ["-at", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("first__lt", models.F("second"))), name="not_duplicate_in_order"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("taken_back_at", None)),
                        fields=("first", "second"),
                        name="not_duplicate_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Assessment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("own", "valoración"), ("consensus", "consenso")],
                        default="own",
                        max_length=10,
                        verbose_name="clase",
                    ),
                ),
                ("judgements", models.JSONField(blank=True, default=list, verbose_name="juicios por dominio")),
                ("overall", models.CharField(blank=True, max_length=120, verbose_name="juicio global")),
                ("note_es", models.TextField(blank=True, verbose_name="nota en español")),
                ("note_en", models.TextField(blank=True, verbose_name="nota en inglés")),
                ("returned_note", models.TextField(blank=True, verbose_name="motivo de la devolución")),
                ("version", models.PositiveIntegerField(default=1)),
                ("started_at", models.DateTimeField(auto_now_add=True, verbose_name="comienzo")),
                ("saved_at", models.DateTimeField(auto_now=True, verbose_name="última modificación")),
                ("done_at", models.DateTimeField(blank=True, null=True, verbose_name="terminada")),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="cerrada")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assessments",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="persona",
                    ),
                ),
                (
                    "seen_by",
                    models.ManyToManyField(blank=True, related_name="assessments_seen", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="assessments", to="studies.study"
                    ),
                ),
                (
                    "instrument",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="assessments", to="studies.instrument"
                    ),
                ),
            ],
            options={
                "verbose_name": "valoración",
                "verbose_name_plural": "valoraciones",
                "ordering": ["started_at", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at__isnull", True), ("kind", "own")),
                        fields=("study", "instrument", "by"),
                        name="assessment_once_per_person",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at__isnull", True), ("kind", "consensus")),
                        fields=("study", "instrument"),
                        name="assessment_one_consensus",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Appraisal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="orden")),
                ("overall", models.CharField(max_length=120, verbose_name="juicio global")),
                ("judgements", models.JSONField(blank=True, default=list, verbose_name="juicios por dominio")),
                ("note_es", models.TextField(blank=True, verbose_name="nota en español")),
                ("note_en", models.TextField(blank=True, verbose_name="nota en inglés")),
                ("appraisers", models.PositiveSmallIntegerField(default=1, verbose_name="personas que evaluaron")),
                ("appraised_on", models.DateField(verbose_name="fecha")),
                (
                    "certainty",
                    models.ForeignKey(
                        limit_choices_to={"is_retired": False, "vocabulary": "certainty"},
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appraisals",
                        to="studies.term",
                        verbose_name="riesgo de sesgo",
                    ),
                ),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="appraisals", to="studies.study"
                    ),
                ),
                (
                    "instrument",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appraisals",
                        to="studies.instrument",
                        verbose_name="instrumento",
                    ),
                ),
            ],
            options={
                "verbose_name": "evaluación de calidad",
                "verbose_name_plural": "evaluaciones de calidad",
                "ordering": ["position", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("study", "instrument"), name="appraisal_once_per_instrument"),
                    models.CheckConstraint(condition=models.Q(("appraisers__gte", 1)), name="appraisal_has_appraisers"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveIntegerField()),
                ("row_number", models.PositiveIntegerField(verbose_name="fila")),
                ("raw", models.TextField()),
                ("problem", models.CharField(blank=True, max_length=300)),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("waiting", "por leer"),
                            ("new", "nueva"),
                            ("duplicate", "ya está"),
                            ("same_work", "otra versión"),
                            ("error", "con error"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("is_taken", models.BooleanField(default=False, verbose_name="se toma")),
                ("record", models.JSONField(blank=True, default=dict)),
                ("suggested_words", models.JSONField(blank=True, default=list, verbose_name="palabras sugeridas")),
                ("abstract", models.TextField(blank=True, verbose_name="resumen publicado")),
                ("notes", models.JSONField(blank=True, default=list)),
                ("match_row", models.PositiveIntegerField(blank=True, null=True)),
                ("reasons", models.JSONField(blank=True, default=list)),
                ("field", models.CharField(blank=True, max_length=100)),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="rows", to="studies.importbatch"
                    ),
                ),
                (
                    "made",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="import_rows",
                        to="studies.study",
                    ),
                ),
                (
                    "match",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="studies.study",
                    ),
                ),
            ],
            options={
                "verbose_name": "referencia importada",
                "verbose_name_plural": "referencias importadas",
                "ordering": ["batch", "position"],
                "indexes": [models.Index(fields=["batch", "outcome", "position"], name="import_row_outcome")],
                "constraints": [
                    models.UniqueConstraint(fields=("batch", "position"), name="import_row_position"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_taken", False),
                            models.Q(("outcome__in", ["waiting", "error"]), _negated=True),
                            _connector="OR",
                        ),
                        name="import_row_taken_is_readable",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BulkItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.CharField(max_length=120)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("changed", "cambió"),
                            ("proposed", "quedó como propuesta"),
                            ("same", "no había nada que cambiar"),
                            ("refused", "no se pudo"),
                        ],
                        max_length=10,
                    ),
                ),
                ("reason", models.TextField(blank=True)),
                ("problems", models.JSONField(blank=True, default=list)),
                ("before_no", models.PositiveBigIntegerField(default=0)),
                ("is_undone", models.BooleanField(default=False)),
                (
                    "bulk",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="items", to="studies.bulkchange"
                    ),
                ),
                (
                    "proposal",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="studies.proposal",
                    ),
                ),
                (
                    "study",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="bulk_items",
                        to="studies.study",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "default_permissions": (),
                "constraints": [models.UniqueConstraint(fields=("bulk", "study"), name="bulk_item_once_per_study")],
            },
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "seen_no",
                    models.PositiveBigIntegerField(
                        default=0, editable=False, verbose_name="cambio del banco hasta el que se miró"
                    ),
                ),
                ("is_published", models.BooleanField(default=False, verbose_name="publicado")),
                ("decided_on", models.DateField(verbose_name="fecha de la decisión")),
                ("text_es", models.TextField(verbose_name="qué se decidió, en español")),
                ("text_en", models.TextField(blank=True, verbose_name="qué se decidió, en inglés")),
                ("document_title", models.CharField(blank=True, max_length=300, verbose_name="nombre del documento")),
                ("document_url", models.URLField(blank=True, max_length=2000, verbose_name="dirección del documento")),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="studies.programme",
                        verbose_name="programa",
                    ),
                ),
                (
                    "studies",
                    models.ManyToManyField(
                        blank=True,
                        related_name="%(class)ss_resting_on_it",
                        to="studies.study",
                        verbose_name="estudios en los que se apoya",
                    ),
                ),
            ],
            options={
                "verbose_name": "decisión",
                "verbose_name_plural": "decisiones",
                "ordering": ["-decided_on", "-id"],
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("text_es", ""), _negated=True), name="decision_says_what"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_published", False), models.Q(("document_url", ""), _negated=True), _connector="OR"
                        ),
                        name="decision_published_has_document",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PolicyQuestion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "seen_no",
                    models.PositiveBigIntegerField(
                        default=0, editable=False, verbose_name="cambio del banco hasta el que se miró"
                    ),
                ),
                ("is_published", models.BooleanField(default=False, verbose_name="publicado")),
                ("slug", models.SlugField(max_length=120, unique=True, verbose_name="identificador")),
                ("question_es", models.TextField(verbose_name="pregunta en español")),
                ("question_en", models.TextField(blank=True, verbose_name="pregunta en inglés")),
                ("answer_es", models.TextField(blank=True, verbose_name="respuesta en español")),
                ("answer_en", models.TextField(blank=True, verbose_name="respuesta en inglés")),
                ("reviewed_by", models.CharField(blank=True, max_length=300, verbose_name="quién la revisó")),
                ("reviewed_on", models.DateField(blank=True, null=True, verbose_name="fecha de la revisión")),
                ("sources", models.JSONField(blank=True, default=list, verbose_name="fuentes")),
                (
                    "studies",
                    models.ManyToManyField(
                        blank=True,
                        related_name="%(class)ss_resting_on_it",
                        to="studies.study",
                        verbose_name="estudios en los que se apoya",
                    ),
                ),
                (
                    "programmes",
                    models.ManyToManyField(
                        blank=True,
                        related_name="policy_questions",
                        to="studies.programme",
                        verbose_name="programas que responden a ella",
                    ),
                ),
            ],
            options={
                "verbose_name": "pregunta de política",
                "verbose_name_plural": "preguntas de política",
                "ordering": ["-reviewed_on", "slug"],
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("question_es", ""), _negated=True), name="policyquestion_asks"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_published", False),
                            models.Q(
                                models.Q(("answer_es", ""), _negated=True),
                                models.Q(("reviewed_by", ""), _negated=True),
                                ("reviewed_on__isnull", False),
                                models.Q(("sources", []), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="policyquestion_published_is_complete",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="QuestionSearch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("made_on", models.DateField(verbose_name="fecha")),
                ("criteria", models.TextField(blank=True, verbose_name="criterios")),
                ("found", models.PositiveIntegerField(verbose_name="estudios que halló")),
                (
                    "question",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="searches",
                        to="studies.policyquestion",
                    ),
                ),
                (
                    "change_no",
                    models.PositiveBigIntegerField(editable=False, null=True, verbose_name="cambio del banco"),
                ),
                ("elsewhere", models.CharField(blank=True, max_length=600, verbose_name="dónde, si no en este banco")),
                (
                    "vocabulary_no",
                    models.PositiveBigIntegerField(
                        editable=False, null=True, verbose_name="versión de los vocabularios"
                    ),
                ),
            ],
            options={
                "verbose_name": "búsqueda",
                "verbose_name_plural": "búsquedas",
                "ordering": ["made_on", "id"],
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("question", "made_on", "criteria", "elsewhere"),
                        name="question_search_once_a_day",
                        violation_error_message="Esta búsqueda ya está registrada ese día.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("elsewhere", ""), models.Q(("change_no__isnull", True), ("criteria", "")), _connector="OR"
                        ),
                        name="question_search_here_or_elsewhere",
                    ),
                ],
            },
        ),
    ]
