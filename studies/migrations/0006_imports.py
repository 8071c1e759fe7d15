import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("studies", "0005_appraisals"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
            },
        ),
        migrations.AddConstraint(
            model_name="importbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["reading", "preview", "written", "undone"])),
                name="import_state_is_known",
            ),
        ),
        migrations.AddIndex(
            model_name="importrow",
            index=models.Index(fields=["batch", "outcome", "position"], name="import_row_outcome"),
        ),
        migrations.AddConstraint(
            model_name="importrow",
            constraint=models.UniqueConstraint(fields=("batch", "position"), name="import_row_position"),
        ),
        migrations.AddConstraint(
            model_name="importrow",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("is_taken", False), models.Q(("outcome__in", ["waiting", "error"]), _negated=True), _connector="OR"
                ),
                name="import_row_taken_is_readable",
            ),
        ),
    ]
