from django.db import migrations
from django.db.migrations.exceptions import IrreversibleError


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
    """Return to the old names, as long as nothing was written in format 2: the old columns could not hold it."""
    alias = schema_editor.connection.alias
    if any(_holds_format_2(apps.get_model("studies", name), alias) for name in ("Revision", "Proposal", "ImportRow")):
        raise IrreversibleError(
            "Records of this bank are written in format 2, which earlier versions cannot read: "
            "to go back, restore the backup that was made before the upgrade."
        )
    terms = apps.get_model("studies", "Term").objects.using(alias)
    terms.filter(vocabulary="risk_of_bias").update(vocabulary="certainty")
    terms.filter(vocabulary="interventions", code="economic-context").update(is_retired=False)
    _rename_changed(apps, alias, "own_appraisals", "appraisals")


def _holds_format_2(model, alias):
    # Format 2 always writes this list, and format 1 does not know it.
    return model.objects.using(alias).filter(record__has_key="exposures").exists()


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
