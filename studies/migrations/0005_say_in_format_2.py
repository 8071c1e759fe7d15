from django.db import migrations


def forwards(apps, schema_editor):
    """Say in format 2 what rows of format 1 said.

    A finding that named interventions is about these; one that named none spoke of the whole study, as the new column
    says by default. The vocabulary of bias has another name. Interventions get no role: nobody has chosen one yet. What
    was coded as economic context is an exposure now: the code is offered no longer. What a revision of format 1 changed
    in the appraisals were the bank's own.
    """
    alias = schema_editor.connection.alias
    finding = apps.get_model("studies", "Finding")
    with_own = finding.about.through.objects.using(alias).values("finding_id")
    finding.objects.using(alias).filter(pk__in=with_own).update(is_about_all=False)
    terms = apps.get_model("studies", "Term").objects.using(alias)
    terms.filter(vocabulary="certainty").update(vocabulary="risk_of_bias")
    terms.filter(vocabulary="interventions", code="economic-context").update(is_retired=True)
    _rename_changed(apps, alias, "appraisals", "own_appraisals")


def backwards(apps, schema_editor):
    """Return to the old names; what only format 2 can say is dropped with its columns."""
    alias = schema_editor.connection.alias
    terms = apps.get_model("studies", "Term").objects.using(alias)
    terms.filter(vocabulary="risk_of_bias").update(vocabulary="certainty")
    terms.filter(vocabulary="interventions", code="economic-context").update(is_retired=False)
    _rename_changed(apps, alias, "own_appraisals", "appraisals")


def _rename_changed(apps, alias, name, into):
    # Whether a list holds a name is asked in Python: SQLite has no such question.
    revisions = apps.get_model("studies", "Revision").objects.using(alias)
    held = [row for row in revisions.only("changed").iterator(chunk_size=500) if name in row.changed]
    for row in held:
        row.changed = [into if field == name else field for field in row.changed]
    revisions.bulk_update(held, ["changed"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [
        ("studies", "0004_format_2"),
    ]

    operations = [migrations.RunPython(forwards, backwards)]
