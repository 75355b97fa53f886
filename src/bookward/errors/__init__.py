"""Every error Bookward raises, grouped by what the caller should do about it.

BookwardError
├── ConfigError            fix a file or the command line
│   ├── ProjectInvalid         one or more files of the project are wrong
│   ├── SettingInvalid         an environment variable has a value that it cannot have
│   ├── NameUnknown            no model, sync, run ... of that name
│   ├── ExtraMissing           a driver is not installed
│   ├── AlertRefused           the channel of an alert does not take what is sent to it
│   ├── ModelRefused           the query is not one single SELECT
│   ├── ColumnMissing          a column that the sync refers to is not in the model
│   ├── ObjectChanged          the sync's rows were written to another object
│   ├── KeyChanged             the sync's rows are known by another primary key
│   ├── SyncRenamed            the sync looks like one that has no file any more
│   ├── RemovalUnset           records are to be removed, and the sync does not say how
│   ├── SettlementRefused      what was said of an uncertain row cannot be so
│   ├── NotConnected           nobody is signed in at the destination
│   ├── FilesInTheWay          files that would be written exist already
│   ├── StateMissing           there is no state where it is looked for
│   ├── BackupRefused          the state's database has means of its own for backups
│   ├── EditRefused            what was to be written into the project's files is wrong
│   ├── EditConflict           somebody else has changed the file since it was read
│   ├── ObjectInUse            other files refer to what was to be deleted
│   ├── ProjectReadOnly        this process cannot write the project's files
│   └── ServerUnlike           what answers is no Bookward server, or of another version
├── StopRun                the run cannot go on
│   ├── SourceUnreachable      no connection to the source
│   ├── SourceFailed           the source refused the query or died while reading
│   ├── ReadTooLarge           the model gives more than its source's file allows
│   ├── RightsMissing          the source does not let Bookward keep tables of its own
│   ├── SignInLost             the destination does not accept our sign-in any more
│   ├── BuildUnfit             what dbt built is broken, untested or old
│   ├── JobsRefused            the service whose jobs schedules wait for lets nobody look at them
│   ├── AccessDenied           signed in, but not allowed
│   ├── RemoteRefused          the destination refuses every request, not single rows
│   ├── PlanStale              the plan's base has moved or its time is over
│   ├── OrganisationChanged    the destination leads to other books than the sync has written to
│   ├── RunUnsettled           an earlier run's fate has to be settled first
│   ├── RunCutOff              the run of a chosen plan ended with its process
│   ├── RunOvertaken           another process works on this sync by now
│   ├── SyncBusy               another process is running this sync
│   ├── NotPublished           no server has published a project to follow
│   ├── ModelEmpty             the model suddenly returns nothing and removals would follow
│   ├── GuardTripped           the plan does more than the guards allow without approval
│   ├── Cancelled              a person stopped the run
│   ├── StorageRefused         the object storage that keeps snapshots and plans says no
│   ├── StoreFailed            Bookward's own state could not be read or written
│   └── WorkFailed             a server could not begin what it was asked for
├── RetryLater             wait, then try again
│   ├── RateLimited            a limit of the destination is reached; carries how long
│   ├── RemoteUnavailable      5xx, maintenance, organisation offline
│   ├── StorageUnreachable     the object storage that keeps snapshots and plans does not answer
│   ├── JobsUnreachable        the service whose jobs schedules wait for does not answer
│   ├── AnswerLost             sent, but no complete answer came back: it may have been booked
│   ├── AlertUndelivered       the channel of an alert does not answer
│   ├── ProviderUnavailable    the provider at which people sign in does not answer
│   ├── TooManyRequests        one caller asks the server too much, or guesses passwords
│   ├── ServerBusy             the server has all hands full
│   └── ServerUnreachable      the server of a command line does not answer
├── RowError               this row only; the others go on
│   ├── KeyNull                a key column is null
│   ├── KeyDuplicate           several rows have this key
│   ├── LinesDisagree          the lines of one row differ in what they have in common
│   ├── LineDuplicate          two lines of one row have the same place in their order
│   ├── KeysLeftOut            more rows have such keys or lines than are listed one by one
│   ├── FieldRequired          a field that the destination requires has no value
│   ├── FieldInvalid           a value does not fit its field (type, length, choice, characters)
│   ├── TemplateFailed         a template could not be rendered for this row
│   ├── TotalDiffers           the lines of a row do not come to the total that it says
│   ├── MatchAmbiguous         more than one record matches
│   ├── MatchTaken             the record or a unique value belongs to another row or record
│   ├── RecordArchived         the matching record is archived and cannot be edited
│   ├── RecordMissing          the row names a record that does not exist
│   ├── LookUpFailed           the row names an account, tax rate ... that does not exist
│   ├── RecordIncomplete       the record is there, but something that belongs to it was refused
│   ├── RecordRemoved          the old record is gone, and the new one is not in the books
│   ├── BookingUncertain       sent once, and nothing can say whether it was booked: a person has to
│   ├── RecordLocked           the destination lets nobody make this change to the record
│   ├── PeriodLocked           the record is dated in a period for which the books are closed
│   ├── ChangeRefused          the row changed, and the sync only inserts
│   ├── RecordMoved            somebody changed the record since the plan was made
│   ├── RemovalHeldBack        the row may not be gone: rows without a key may be it
│   └── RemoteRejected         the destination validated the row and said no
└── RequestRefused         correct the request to the server, or ask whoever may do it
    ├── RequestInvalid         it is not what the route takes
    ├── RouteUnknown           there is no such address
    ├── MethodRefused          the address does not take this method
    ├── RequestTooLarge        its body is larger than the server takes
    ├── HostRefused            it names a host that is none of the server's own
    ├── SignInNeeded           it carries no sign-in that holds
    ├── SignInRefused          e-mail and password do not belong together
    ├── RoleTooLow             whoever is signed in may not do this
    ├── SessionNeeded          a token may not do this, somebody in a browser may
    ├── CrossSite              it has the session's cookie without the session's token
    ├── LinkDead               a link was used already, or its time is over
    ├── ReturnRefused          a browser came back from a site to which it was not sent, or too late
    ├── PasswordWeak           a password is too easy to guess
    ├── PersonKnown            there is a person with this e-mail already
    ├── LastAdmin              nobody could administer any more
    ├── VersionNeeded          it does not say which version of a file was seen
    ├── KeyReused              its idempotency key was sent before with another request
    └── RequestUnfinished      one with its idempotency key has no answer yet

A leaf's docstring is its explanation, ``code`` never changes once released, ``remedy`` says what to do
when the place that raises it has nothing better to say. ``docs/reference/errors.md`` is generated from here.
"""

from __future__ import annotations

from bookward.errors.base import (
    BookwardError,
    ConfigError,
    RequestRefused,
    Retry,
    RetryLater,
    RowError,
    StopRun,
)
from bookward.errors.config import (
    AlertRefused,
    BackupRefused,
    ColumnMissing,
    EditConflict,
    EditRefused,
    ExtraMissing,
    FilesInTheWay,
    KeyChanged,
    ModelRefused,
    NameUnknown,
    NotConnected,
    ObjectChanged,
    ObjectInUse,
    ProjectInvalid,
    ProjectReadOnly,
    RemovalUnset,
    ServerUnlike,
    SettingInvalid,
    SettlementRefused,
    StateMissing,
    SyncRenamed,
)
from bookward.errors.later import (
    AlertUndelivered,
    AnswerLost,
    JobsUnreachable,
    ProviderUnavailable,
    RateLimited,
    RemoteUnavailable,
    ServerBusy,
    ServerUnreachable,
    StorageUnreachable,
    TooManyRequests,
)
from bookward.errors.meaning import meaning_of
from bookward.errors.request import (
    CrossSite,
    HostRefused,
    KeyReused,
    LastAdmin,
    LinkDead,
    MethodRefused,
    PasswordWeak,
    PersonKnown,
    RequestInvalid,
    RequestTooLarge,
    RequestUnfinished,
    ReturnRefused,
    RoleTooLow,
    RouteUnknown,
    SessionNeeded,
    SignInNeeded,
    SignInRefused,
    VersionNeeded,
)
from bookward.errors.rows import (
    BookingUncertain,
    ChangeRefused,
    FieldInvalid,
    FieldRequired,
    KeyDuplicate,
    KeyNull,
    KeysLeftOut,
    LineDuplicate,
    LinesDisagree,
    LookUpFailed,
    MatchAmbiguous,
    MatchTaken,
    PeriodLocked,
    RecordArchived,
    RecordIncomplete,
    RecordLocked,
    RecordMissing,
    RecordMoved,
    RecordRemoved,
    RemoteRejected,
    RemovalHeldBack,
    TemplateFailed,
    TotalDiffers,
)
from bookward.errors.stop import (
    AccessDenied,
    BuildUnfit,
    Cancelled,
    GuardTripped,
    JobsRefused,
    ModelEmpty,
    NotPublished,
    OrganisationChanged,
    PlanStale,
    ReadTooLarge,
    RemoteRefused,
    RightsMissing,
    RunCutOff,
    RunOvertaken,
    RunUnsettled,
    SignInLost,
    SourceFailed,
    SourceUnreachable,
    StorageRefused,
    StoreFailed,
    SyncBusy,
    WorkFailed,
)

__all__ = [
    "AccessDenied",
    "AlertRefused",
    "AlertUndelivered",
    "AnswerLost",
    "BackupRefused",
    "BookingUncertain",
    "BookwardError",
    "BuildUnfit",
    "Cancelled",
    "ChangeRefused",
    "ColumnMissing",
    "ConfigError",
    "CrossSite",
    "EditConflict",
    "EditRefused",
    "ExtraMissing",
    "FieldInvalid",
    "FieldRequired",
    "FilesInTheWay",
    "GuardTripped",
    "HostRefused",
    "JobsRefused",
    "JobsUnreachable",
    "KeyChanged",
    "KeyDuplicate",
    "KeyNull",
    "KeyReused",
    "KeysLeftOut",
    "LastAdmin",
    "LineDuplicate",
    "LinesDisagree",
    "LinkDead",
    "LookUpFailed",
    "MatchAmbiguous",
    "MatchTaken",
    "MethodRefused",
    "ModelEmpty",
    "ModelRefused",
    "NameUnknown",
    "NotConnected",
    "NotPublished",
    "ObjectChanged",
    "ObjectInUse",
    "OrganisationChanged",
    "PasswordWeak",
    "PeriodLocked",
    "PersonKnown",
    "PlanStale",
    "ProjectInvalid",
    "ProjectReadOnly",
    "ProviderUnavailable",
    "RateLimited",
    "ReadTooLarge",
    "RecordArchived",
    "RecordIncomplete",
    "RecordLocked",
    "RecordMissing",
    "RecordMoved",
    "RecordRemoved",
    "RemoteRefused",
    "RemoteRejected",
    "RemoteUnavailable",
    "RemovalHeldBack",
    "RemovalUnset",
    "RequestInvalid",
    "RequestRefused",
    "RequestTooLarge",
    "RequestUnfinished",
    "Retry",
    "RetryLater",
    "ReturnRefused",
    "RightsMissing",
    "RoleTooLow",
    "RouteUnknown",
    "RowError",
    "RunCutOff",
    "RunOvertaken",
    "RunUnsettled",
    "ServerBusy",
    "ServerUnlike",
    "ServerUnreachable",
    "SessionNeeded",
    "SettingInvalid",
    "SettlementRefused",
    "SignInLost",
    "SignInNeeded",
    "SignInRefused",
    "SourceFailed",
    "SourceUnreachable",
    "StateMissing",
    "StopRun",
    "StorageRefused",
    "StorageUnreachable",
    "StoreFailed",
    "SyncBusy",
    "SyncRenamed",
    "TemplateFailed",
    "TooManyRequests",
    "TotalDiffers",
    "VersionNeeded",
    "WorkFailed",
    "meaning_of",
]
