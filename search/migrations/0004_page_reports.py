import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("search", "0003_rate_counts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PageReport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(max_length=300, verbose_name="página")),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("personal", "Tiene datos de una persona"),
                            ("wrong", "Dice algo falso"),
                            ("offensive", "Ofende o acusa a alguien"),
                            ("other", "Otro motivo"),
                        ],
                        max_length=9,
                        verbose_name="motivo",
                    ),
                ),
                ("text", models.TextField(blank=True, max_length=1000, verbose_name="qué escribió")),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="recibido el")),
                ("settled_at", models.DateTimeField(blank=True, null=True, verbose_name="resuelto el")),
                ("outcome", models.TextField(blank=True, max_length=1000, verbose_name="qué se hizo")),
                (
                    "settled_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="resuelto por",
                    ),
                ),
            ],
            options={
                "verbose_name": "informe de un lector",
                "verbose_name_plural": "informes de lectores",
                "ordering": [
                    models.OrderBy(models.F("settled_at"), descending=True, nulls_first=True),
                    "made_at",
                    "pk",
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("path__startswith", "/")), name="page_report_is_of_this_bank"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("settled_at__isnull", True), models.Q(("outcome", ""), _negated=True), _connector="OR"
                        ),
                        name="page_report_settled_has_outcome",
                    ),
                ],
            },
        ),
    ]
