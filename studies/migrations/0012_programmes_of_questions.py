from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("studies", "0011_policy_questions"),
    ]

    operations = [
        migrations.AddField(
            model_name="policyquestion",
            name="programmes",
            field=models.ManyToManyField(
                blank=True,
                related_name="policy_questions",
                to="studies.programme",
                verbose_name="programas que responden a ella",
            ),
        ),
    ]
