"""The one settings file: safe defaults, driven by the environment, and loud when a value is wrong."""

import os
import re
import sys
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
import dj_email_url
from csp.constants import NONCE, NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE

from config.launch import secret_kept_in

BASE_DIR = Path(__file__).resolve().parent.parent


def stop(message: str) -> None:
    """Stop the start with one clear line and no traceback."""
    print(f"Scionwood cannot start: {message}", file=sys.stderr)
    raise SystemExit(1)


def env_flag(name: str) -> bool:
    """Read an on/off value; anything but 1/0, true/false, yes/no, on/off stops the start."""
    value = os.environ.get(name, "").strip().lower()
    if value not in {"", "0", "1", "true", "false", "yes", "no", "on", "off"}:
        stop(f"{name}={value!r} is neither on nor off. Use {name}=1 or {name}=0.")
    return value in {"1", "true", "yes", "on"}


def env_count(name: str, default: int) -> int:
    """Read a whole number that is not negative."""
    value = os.environ.get(name, "").strip() or str(default)
    if not re.fullmatch(r"[0-9]{1,4}", value):
        stop(f"{name}={value!r} is not a whole number. Use for example {name}={default}.")
    return int(value)


# --- What the environment says ------------------------------------------------------------------

DEBUG = env_flag("DEBUG")
DEMO = os.environ.get("DEMO", "1") != "0"  # whether an empty database is filled with the demo community (DEBUG only)
VAR_DIR = Path(os.environ.get("VAR_DIR") or BASE_DIR / "var").resolve()
try:
    VAR_DIR.mkdir(parents=True, exist_ok=True)
except OSError as error:
    stop(f"VAR_DIR={VAR_DIR} cannot be made ({error.strerror}). Name a folder that this user may write to.")

SITE_URL = (os.environ.get("SITE_URL") or "http://127.0.0.1:8000").rstrip("/")
_site = urlsplit(SITE_URL)
if _site.scheme not in {"http", "https"} or not _site.hostname or _site.path:
    stop(f"SITE_URL={SITE_URL!r} is not an address. Use for example SITE_URL=https://learn.example.org")
IS_HTTPS = _site.scheme == "https"

try:  # without SECRET_KEY one is made and kept in VAR_DIR, for its owner's eyes only
    SECRET_KEY = os.environ.get("SECRET_KEY") or secret_kept_in(VAR_DIR)
except OSError as error:
    stop(f"the secret key cannot be kept in {VAR_DIR} ({error.strerror}). Make the folder writable, or set SECRET_KEY.")
if len(SECRET_KEY) < 32:
    stop(
        "SECRET_KEY is shorter than 32 characters. Make one with "
        "`python -c 'import secrets; print(secrets.token_urlsafe(50))'` and keep it: "
        "links in mails and receipts depend on it."
    )

ALLOWED_HOSTS = [h.strip() for h in os.environ.get("ALLOWED_HOSTS", "").split(",") if h.strip()]
if "*" in ALLOWED_HOSTS and not DEBUG:
    stop("ALLOWED_HOSTS=* lets anyone forge links in our mails. Name the hosts of this site.")
ALLOWED_HOSTS = ALLOWED_HOSTS or [str(_site.hostname)] + (["localhost", "127.0.0.1", "[::1]"] if DEBUG else [])

# How many proxies of ours stand in front: 0 means that X-Forwarded-* is never believed.
PROXY_COUNT = env_count("PROXY_COUNT", 0)
ENCODER = os.environ.get("ENCODER", "")
REDIS_URL = os.environ.get("REDIS_URL", "")
if REDIS_URL and not re.match(r"(rediss?|unix)://", REDIS_URL):
    stop(f"REDIS_URL={REDIS_URL!r} is not an address. Use for example REDIS_URL=redis://127.0.0.1:6379/0")

# The languages that the site speaks; addresses without a prefix are in the first.
SPOKEN = {"en-gb": "English", "fr": "Français"}  # each by its own name, whatever language the page is in
_codes = list(dict.fromkeys(c for c in os.environ.get("LANGUAGES", "").lower().replace(",", " ").split())) or [*SPOKEN]
if unknown := [code for code in _codes if code not in SPOKEN]:
    stop(f"LANGUAGES names {unknown[0]!r}. Known are {', '.join(SPOKEN)}. Use for example LANGUAGES=en-gb,fr")

# --- Database: SQLite out of the box, PostgreSQL by DATABASE_URL --------------------------------

try:
    _database = dj_database_url.parse(
        os.environ.get("DATABASE_URL") or f"sqlite:///{VAR_DIR / 'scionwood.sqlite3'}",
        conn_max_age=60,
        conn_health_checks=True,
    )
except (dj_database_url.ParseError, dj_database_url.UnknownSchemeError, ValueError) as error:
    stop(f"DATABASE_URL is not understood ({error}). Use for example postgres://user:password@host/name")
IS_SQLITE = _database["ENGINE"] == "django.db.backends.sqlite3"
if not IS_SQLITE and _database["ENGINE"] != "django.db.backends.postgresql":
    stop("DATABASE_URL names a database that is not supported. Use sqlite:///FILE or postgres://…")
if IS_SQLITE:
    # IMMEDIATE: a transaction takes the write lock when it begins, so two writers queue and never clash.
    # synchronous=FULL: an acknowledged write survives a power cut; measured cost in docs/operations.md.
    # secure_delete: what is erased is overwritten, not merely unlinked.
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
            "PRAGMA secure_delete=ON; PRAGMA busy_timeout=20000; PRAGMA cache_size=-16000;"
        ),
    }
DATABASES = {"default": _database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Rate limits must be counted across all processes, so the default cache is one that all share. Whom an account has
# looked at is counted on pages that only read, so without Redis it lies in files: reading a page writes no row.
CACHES = {
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
        if REDIS_URL
        else {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "cache",
            "OPTIONS": {"MAX_ENTRIES": 20_000},
        }
    ),
    "glances": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
        if REDIS_URL
        else {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": VAR_DIR / "cache" / "glances",
            "OPTIONS": {"MAX_ENTRIES": 20_000},
        }
    ),
}

# --- The house ----------------------------------------------------------------------------------

INSTALLED_APPS = [
    "home",
    "matching",
    "community.members",
    "community.topics",
    "community.notices",
    "community.trust",
    "community.connections",
    "community.questions",
    "community.library",
    "community.gatherings",
    "community.openings",
    "community.circles",
    "wagtail_localize",
    "wagtail.contrib.redirects",
    "wagtail.contrib.settings",
    "wagtail.embeds",
    "wagtail.sites",
    "community.members.apps.UsersConfig",  # wagtail.users with a form for members
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "home.middleware.harden",
    "csp.middleware.CSPMiddleware",  # outside the next, so that files and redirects carry the policy, too
    "home.middleware.admin_policy",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "home.languages.speak",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
    "home.middleware.full_disk",
    "home.middleware.refusal",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "home.context.shell",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}

# --- Accounts: one door -------------------------------------------------------------------------

AUTH_USER_MODEL = "members.Member"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
     "OPTIONS": {"user_attributes": ("name", "email", "handle")}},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]  # fmt: skip
PASSWORD_RESET_TIMEOUT = 60 * 60 * 24
LOGIN_URL = WAGTAILADMIN_LOGIN_URL = WAGTAIL_FRONTEND_LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/me/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "community.members.forms.SignupForm"
ACCOUNT_FORMS = {"signup": "community.members.forms.join.JoinForm"}
ACCOUNT_ADAPTER = "community.members.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_DISPLAY = "community.members.adapter.display_name"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = 3
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = _site.scheme
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "signup": "20/m/ip",
    "reset_password": "20/m/ip,3/h/key,10/d/key",  # so many mails to one address that others can cause
    "change_password": "5/m/user",
    "keep_draft": "60/h/ip",
    "certificate": "30/h/key",  # by one person
    "guest_list": "30/h/key",
    "desk-tell": "6/h/key",  # told in confidence: counted under a keyed hash, so that no address is kept
    "desk-receipt": "30/5m/key",
    "take-along": "60/h/key",  # folders and papers; under the same hash
}
ALLAUTH_TRUSTED_PROXY_COUNT = PROXY_COUNT
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Scionwood"

# --- Time, language, files ----------------------------------------------------------------------

LANGUAGE_CODE = _codes[0]
LANGUAGES = WAGTAIL_CONTENT_LANGUAGES = [(code, SPOKEN[code]) for code in _codes]
LOCALE_PATHS = [BASE_DIR / app / "locale" for app in ("home", "matching")]
TIME_ZONE = "Europe/London"
USE_I18N = USE_TZ = True
FORMAT_MODULE_PATH = ["home.formats"]

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
MEDIA_URL = "/media/"
MEDIA_ROOT = VAR_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000  # Wagtail's page editor sends thousands
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o640

# --- Mail ---------------------------------------------------------------------------------------

EMAIL_URL = os.environ.get("EMAIL_URL", "")
MAIL_DIR = VAR_DIR / "mail"
if EMAIL_URL:
    try:
        _mail = dj_email_url.parse(EMAIL_URL)
    except Exception:
        _mail = {}
    if not _mail.get("EMAIL_BACKEND"):
        stop("EMAIL_URL is not understood. Use for example EMAIL_URL=smtp+tls://user:password@host:587")
    globals().update({k: v for k, v in _mail.items() if k.startswith(("EMAIL_", "DEFAULT_FROM", "SERVER_"))})
    EMAIL_TIMEOUT = 10
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = MAIL_DIR
DEFAULT_FROM_EMAIL = SERVER_EMAIL = os.environ.get("FROM_EMAIL") or f"scionwood@{_site.hostname}"

# --- Wagtail ------------------------------------------------------------------------------------

WAGTAIL_SITE_NAME = "Scionwood"
WAGTAILADMIN_BASE_URL = SITE_URL
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAILADMIN_NOTIFICATION_INCLUDE_SUPERUSERS = False  # what waits is told by our own notices
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
WAGTAILUSERS_PASSWORD_ENABLED = False
WAGTAILUSERS_PASSWORD_REQUIRED = False
WAGTAIL_I18N_ENABLED = True
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}
WAGTAILIMAGES_EXTENSIONS = ["gif", "jpg", "jpeg", "png", "webp", "heic"]
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 15 * 1024 * 1024
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 60_000_000
WAGTAILIMAGES_IMAGE_FORM_BASE = "community.topics.forms.CleanImageForm"
WAGTAILDOCS_DOCUMENT_FORM_BASE = "community.topics.forms.CleanDocumentForm"
WAGTAILDOCS_MAX_UPLOAD_SIZE = WAGTAILIMAGES_MAX_UPLOAD_SIZE
WAGTAILDOCS_EXTENSIONS = ["csv", "docx", "odt", "pdf", "txt", "xlsx"]
WAGTAILDOCS_SERVE_METHOD = "serve_view"
WAGTAILEMBEDS_FINDERS: list[dict[str, str]] = []  # nothing is fetched from foreign hosts
PEERTUBE_HOSTS = {host.strip().lower() for host in os.environ.get("PEERTUBE_HOSTS", "").split(",") if host.strip()}
for _host in PEERTUBE_HOSTS:
    if not re.fullmatch(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z-]*[a-z]", _host) or _host.endswith(".local"):
        stop(f"PEERTUBE_HOSTS names {_host!r}, no public host. Use for example PEERTUBE_HOSTS=videos.example.org")

# --- Browser-side safety ------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "media-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}
# The Wagtail admin writes styles and scripts into its pages and shows previews in a frame.
CMS_POLICY = {
    "default-src": [SELF],
    "script-src": [SELF, UNSAFE_INLINE, UNSAFE_EVAL],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:", "blob:"],
    "font-src": [SELF, "data:"],
    "connect-src": [SELF],
    "frame-src": [SELF],
    "form-action": [SELF],
    "frame-ancestors": [SELF],
    "base-uri": [NONE],
    "object-src": [NONE],
}
PERMISSIONS_POLICY = "geolocation=(), camera=(), microphone=(), payment=(), usb=(), interest-cohort=()"

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"  # the previews of the Wagtail admin say otherwise by themselves
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
LANGUAGE_COOKIE_AGE = 60 * 60 * 24 * 365
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # no words of ours in a cookie
CSRF_TRUSTED_ORIGINS = [SITE_URL]
CSRF_FAILURE_VIEW = "home.views.csrf_failure"
if IS_HTTPS:
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
    SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    LANGUAGE_COOKIE_NAME = "__Host-language"
    if PROXY_COUNT:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- Logs: what happened, never what was written ------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "logging.Formatter" if DEBUG else "home.logs.PlainLine",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "filters": {"plain": {"()": "home.logs.WithoutText"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["plain"]},
    },
    "root": {"handlers": ["stderr"], "level": "INFO" if DEBUG else "WARNING"},
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        "django_tasks": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
    },
}

# --- Scionwood's own numbers --------------------------------------------------------------------

GRID_KM = 10  # places are snapped to squares of this size, once, on save
PLACE_CHANGES_A_DAY = 3
SMALL_COUNT = 5  # counts of people below this are shown as "fewer than 5"
SUGGESTIONS_KEPT = 24  # stored for each member and kind: more than anybody reads
RESERVED_SLUGS = {
    "tell", "tried", "feed", "calendar.ics", "calendar", "event.ics", "planner", "embed", "zone", "enrol", "apply",
    "new", "edit", "me",
    "ask", "stories", "lessons", "playbooks", "gatherings", "openings", "questions", "people", "matches", "connections",
    "circles", "notices", "steward", "accounts", "cms", "healthz", "api", "static", "media", "documents",
    "mine", "dev", "admin", "about", "help", "privacy", "rules", "report", "drafts", "receipt",
    "experiments", "collections", "offline", "pack", "language", *SPOKEN, "sitemap.xml", "robots.txt",
    "mentor", "apprentice", "collaborator", "peer", "opening",
    "post", "applications", "papers", "guardian",
}  # fmt: skip
