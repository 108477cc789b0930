"""The editors' product, on the stock Django admin."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from taggit.models import Tag as TaggitTag

from . import figures, missed, papers, report, sections, tags  # noqa: F401
from .login import LoginForm

admin.site.login_form = LoginForm
admin.site.site_header = _("PaperCache 编辑台")
admin.site.site_title = _("PaperCache 编辑台")
admin.site.index_title = _("内容")
admin.site.unregister(TaggitTag)  # its tables stay empty: our Tag takes their place
