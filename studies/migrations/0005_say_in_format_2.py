from django.db import migrations


def forwards(apps, schema_editor):
    """Say in format 2 what rows of format 1 said.

    A finding that named interventions is about these; one that named none spoke of the whole study, as the new column
    says by default. The vocabulary of bias has another name. Interventions get no role: nobody has chosen one yet.
    """
    alias = schema_editor.connection.alias
    term = apps.get_model("studies", "Term")
    finding = apps.get_model("studies", "Finding")
    with_own = finding.about.through.objects.using(alias).values("finding_id")
    finding.objects.using(alias).filter(pk__in=with_own).update(is_about_all=False)
    term.objects.using(alias).filter(vocabulary="certainty").update(vocabulary="risk_of_bias")
    term.objects.using(alias).filter(vocabulary="interventions", code="economic-context").update(is_retired=True)


def backwards(apps, schema_editor):
    """Return to the old name; what only format 2 can say is dropped with its columns."""
    terms = apps.get_model("studies", "Term").objects.using(schema_editor.connection.alias)
    terms.filter(vocabulary="risk_of_bias").update(vocabulary="certainty")
    terms.filter(vocabulary="interventions", code="economic-context").update(is_retired=False)


class Migration(migrations.Migration):
    dependencies = [
        ("studies", "0004_format_2"),
    ]

    operations = [migrations.RunPython(forwards, backwards)]
