import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("studies", "0010_decisions"),
    ]

    operations = [
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
            ],
            options={
                "verbose_name": "pregunta de política",
                "verbose_name_plural": "preguntas de política",
                "ordering": ["-reviewed_on", "slug"],
                "default_permissions": (),
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
            ],
            options={
                "verbose_name": "búsqueda",
                "verbose_name_plural": "búsquedas",
                "ordering": ["made_on", "id"],
                "default_permissions": (),
            },
        ),
        migrations.AddConstraint(
            model_name="policyquestion",
            constraint=models.CheckConstraint(
                condition=models.Q(("question_es", ""), _negated=True), name="policyquestion_asks"
            ),
        ),
        migrations.AddConstraint(
            model_name="policyquestion",
            constraint=models.CheckConstraint(
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
        ),
        migrations.AddConstraint(
            model_name="questionsearch",
            constraint=models.UniqueConstraint(
                fields=("question", "made_on", "criteria"), name="question_search_once_a_day"
            ),
        ),
    ]
