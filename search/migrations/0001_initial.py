from functools import partial
from secrets import token_urlsafe

import django.db.models.functions.text
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    # See studies.0001_initial: the last one only.
    replaces = [("search", "0002_alerts")]

    dependencies = [
        # No table here refers to studies: a database that studies.0001_initial refuses must be refused before anything
        # is written.
        ("studies", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="FrozenList",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=30, unique=True, verbose_name="código")),
                ("manifest", models.TextField(verbose_name="contenido")),
                ("checksum", models.CharField(max_length=64, verbose_name="suma de control")),
                ("frozen_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="congelada el")),
                ("removed_at", models.DateTimeField(blank=True, null=True, verbose_name="retirada el")),
                ("removal_reason", models.TextField(blank=True, verbose_name="motivo del retiro")),
            ],
            options={
                "verbose_name": "lista congelada",
                "verbose_name_plural": "listas congeladas",
                "ordering": ["-frozen_at", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("removed_at__isnull", True),
                            models.Q(("removal_reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="frozen_list_removed_has_reason",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Alert",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "key",
                    models.CharField(
                        default=partial(token_urlsafe, 24),
                        editable=False,
                        max_length=40,
                        unique=True,
                        verbose_name="clave",
                    ),
                ),
                ("email", models.EmailField(max_length=254, verbose_name="correo")),
                ("query", models.TextField(blank=True, verbose_name="búsqueda")),
                ("language", models.CharField(max_length=2, verbose_name="idioma")),
                (
                    "frequency",
                    models.CharField(
                        choices=[("weekly", "cada semana"), ("monthly", "cada mes")],
                        max_length=7,
                        verbose_name="frecuencia",
                    ),
                ),
                ("told_no", models.PositiveBigIntegerField(verbose_name="avisado hasta el cambio")),
                ("due_on", models.DateField(db_index=True, verbose_name="próximo aviso")),
                (
                    "claimed_no",
                    models.PositiveBigIntegerField(blank=True, null=True, verbose_name="se avisa hasta el cambio"),
                ),
                ("claimed_at", models.DateTimeField(blank=True, null=True, verbose_name="se empezó a enviar")),
                (
                    "unsure_since",
                    models.PositiveBigIntegerField(blank=True, null=True, verbose_name="dudoso desde el cambio"),
                ),
            ],
            options={
                "verbose_name": "aviso por correo",
                "verbose_name_plural": "avisos por correo",
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("email"), models.F("query"), name="alert_once_per_search"
                    ),
                    models.CheckConstraint(condition=models.Q(("email", ""), _negated=True), name="alert_has_email"),
                    models.CheckConstraint(
                        condition=models.Q(("frequency__in", ("weekly", "monthly"))), name="alert_frequency_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("claimed_at__isnull", True), ("claimed_no__isnull", True)),
                            models.Q(("claimed_at__isnull", False), ("claimed_no__isnull", False)),
                            _connector="OR",
                        ),
                        name="alert_claim_is_whole",
                    ),
                ],
            },
        ),
    ]
