from typing import Any

from django.db import migrations, models
from django.db.migrations.exceptions import IrreversibleError


def keep_searches_elsewhere(apps: Any, schema_editor: Any) -> None:
    """Refuse to go back: without its place a search made elsewhere would be told as one of all studies of this bank."""
    made = apps.get_model("studies", "QuestionSearch").objects.exclude(elsewhere="")
    if number := made.count():
        raise IrreversibleError(f"{number} searches of policy questions were made elsewhere: take them out first.")


class Migration(migrations.Migration):
    dependencies = [
        ("studies", "0012_programmes_of_questions"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="questionsearch", name="question_search_once_a_day"),
        migrations.AddField(
            model_name="questionsearch",
            name="change_no",
            field=models.PositiveBigIntegerField(editable=False, null=True, verbose_name="cambio del banco"),
        ),
        migrations.AddField(
            model_name="questionsearch",
            name="elsewhere",
            field=models.CharField(blank=True, max_length=600, verbose_name="dónde, si no en este banco"),
        ),
        migrations.AddField(
            model_name="questionsearch",
            name="vocabulary_no",
            field=models.PositiveBigIntegerField(editable=False, null=True, verbose_name="versión de los vocabularios"),
        ),
        migrations.AddConstraint(
            model_name="questionsearch",
            constraint=models.UniqueConstraint(
                fields=("question", "made_on", "criteria", "elsewhere"),
                name="question_search_once_a_day",
                violation_error_message="Esta búsqueda ya está registrada ese día.",
            ),
        ),
        migrations.AddConstraint(
            model_name="questionsearch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("elsewhere", ""), models.Q(("change_no__isnull", True), ("criteria", "")), _connector="OR"
                ),
                name="question_search_here_or_elsewhere",
            ),
        ),
        # The last one, so that on the way back it comes first.
        migrations.RunPython(migrations.RunPython.noop, keep_searches_elsewhere),
    ]
