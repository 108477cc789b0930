from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("papers", "0007_search_rows")]

    operations = [
        migrations.AddIndex(
            model_name="taggedpaper",
            index=models.Index(fields=["tag", "content_object"], name="papers_of_tag"),
        ),
    ]
