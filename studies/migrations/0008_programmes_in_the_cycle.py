from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("studies", "0007_bulk_changes_and_links"),
    ]

    operations = [
        migrations.AddField(
            model_name="programme",
            name="is_published",
            field=models.BooleanField(default=False, verbose_name="publicado"),
        ),
        migrations.AddField(
            model_name="programme",
            name="question_en",
            field=models.TextField(blank=True, verbose_name="pregunta que responde, en inglés"),
        ),
        migrations.AddField(
            model_name="programme",
            name="question_es",
            field=models.TextField(blank=True, verbose_name="pregunta que responde, en español"),
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
        migrations.AddConstraint(
            model_name="programme",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "stage__in",
                        ["diagnosis", "evidence", "design", "evaluation", "results", "scale-up", "closed", "unknown"],
                    )
                ),
                name="programme_stage_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="programme",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_published", False), models.Q(("sources", []), _negated=True), _connector="OR"),
                name="programme_published_has_source",
            ),
        ),
    ]
