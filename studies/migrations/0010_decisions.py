import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("studies", "0009_publish_programmes_with_sources"),
    ]

    operations = [
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
    ]
