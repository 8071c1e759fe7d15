from django.db import migrations


class Migration(migrations.Migration):
    """Fields that format 2 of the exchange format calls by another name: nothing moves, nothing is lost."""

    dependencies = [
        ("studies", "0002_duplicate_pairs"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="instrumentlevel", name="instrument_overall_level_has_certainty"),
        migrations.RenameField(model_name="instrumentlevel", old_name="certainty", new_name="risk_of_bias"),
        migrations.RenameField(model_name="appraisal", old_name="certainty", new_name="risk_of_bias"),
        migrations.RenameField(model_name="finding", old_name="interventions", new_name="about"),
    ]
