"""Say in each revision which fields it changed, as later ones do when they are written."""

from django.db import migrations

from studies.differences import changed_fields


def compare(apps, schema_editor):
    revisions = apps.get_model("studies", "Revision").objects
    for study in revisions.order_by("study_id").values_list("study_id", flat=True).distinct():
        before = None
        compared = []
        for revision in revisions.filter(study_id=study).order_by("change_no", "id"):
            if before is not None and (changed := changed_fields(before, revision.record)):
                revision.changed = list(changed)
                compared.append(revision)
            before = revision.record
        revisions.bulk_update(compared, ["changed"], batch_size=100)


class Migration(migrations.Migration):
    dependencies = [("studies", "0002_proposals_notes_checks")]

    # Backwards nothing is to be done: the column goes with the migration before.
    operations = [migrations.RunPython(compare, migrations.RunPython.noop, elidable=True)]
