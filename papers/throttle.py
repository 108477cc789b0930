"""How often a login may fail: per account and address, and ten times as often per address whatever the account.

Nothing counts against an account alone, so that a stranger who knows its name locks nobody out but themselves.
Failures are rows of the database: every process counts the same ones, and no cache can forget them.
"""

from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from django.conf import settings
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse

ADDRESSES_SHARE = 10  # failures of one address weigh a tenth: an office or a campus shares one


class Throttle(AxesDatabaseHandler):
    def get_failures(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        attempts = self.get_user_attempts(request, credentials)  # in the order of AXES_LOCKOUT_PARAMETERS
        of_both, of_address = (
            rows.aggregate(sum=Sum("failures_since_start"))["sum"] or 0 for rows in attempts
        )
        return max(of_both, of_address // ADDRESSES_SHARE)

    def reset_user_attempts(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        """After a login. The address's other failures stay: else an account of one's own would clear them."""
        of_both, _of_address = self.filter_user_attempts(request, credentials)
        count, _by_model = of_both.delete()
        return int(count)


def locked_out(request: HttpRequest, response: HttpResponse, _credentials: Any) -> HttpResponse:
    """The login page that says so (`admin.login`), with what programs understand."""
    response.status_code = 429
    response["Retry-After"] = str(int(settings.AXES_COOLOFF_TIME.total_seconds()))
    return response
