"""The login form, which says when it has been tried too often."""

from django.conf import settings
from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


class LoginForm(AdminAuthenticationForm):
    def get_invalid_login_error(self) -> ValidationError:
        """The same words whether the account exists or not, and whether the password was right or not."""
        if not getattr(self.request, "axes_locked_out", False):
            return super().get_invalid_login_error()
        return ValidationError(
            _("登录失败次数太多。请在 %(minutes)d 分钟后再试，或请站点的运维人员解除锁定。"),
            code="locked_out",
            params={"minutes": settings.AXES_COOLOFF_TIME.total_seconds() // 60},
        )
