from django.db import migrations

# What django-axes kept: failed forms whole, among them passwords typed into "su sesión terminó" and drafts.
_TABLES = ("axes_accessattemptexpiration", "axes_accessattempt", "axes_accessfailurelog", "axes_accesslog")


def drop(apps, schema_editor):
    """Drop the tables of django-axes where they are. Nothing of ours was ever in them."""
    if schema_editor.connection.vendor == "sqlite":
        # Else the pages of the file keep what was in them until something else is written there.
        schema_editor.execute("PRAGMA secure_delete = ON")
    for table in _TABLES:
        schema_editor.execute(f"DROP TABLE IF EXISTS {table}")
    # So that an older program, which needs the tables to let anybody in, makes them anew by its own `migrate`.
    schema_editor.execute("DELETE FROM django_migrations WHERE app = 'axes'")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    # Backwards nothing comes back.
    operations = [migrations.RunPython(drop, migrations.RunPython.noop)]
