"""What a password must be, beyond Django's own rules."""

from django.contrib.auth.password_validation import MinimumLengthValidator
from django.utils.translation import gettext as _


class MinimumLength(MinimumLengthValidator):
    def get_error_message(self) -> str:
        """Django 5.2 says it in English whatever the language."""
        return _("密码太短：至少要有 %(length)d 个字符。") % {"length": self.min_length}
