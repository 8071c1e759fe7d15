from django.db import migrations, models


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
    ]
