"""Portside, wired together: create_app opens resources, builds the use cases, and registers routes and commands."""

import os
import sys
from pathlib import Path

import click
from flask import Flask

from accounts.clients import ClientAccess
from accounts.commands import clients
from accounts.cross_origin import register_cross_origin
from accounts.demo_accounts import DemoAccounts
from accounts.driver_commands import drivers
from accounts.driver_upkeep import DriverUpkeep
from accounts.drivers import DriverAccess
from accounts.guards import register_identification
from accounts.jobs import account_jobs
from accounts.routes import drivers as driver_routes
from demo.commands import demo
from demo.loading import DemoNetwork, how_to_try
from feeds.commands import streamer
from feeds.routes import streams
from feeds.stream import LiveStream
from finder.along_route import AlongRoute
from finder.announcements import Announcements
from finder.blueprints import FINDER
from finder.catalogue import StationCatalogue
from finder.changes import StationChanges
from finder.clusters import MapClusters
from finder.commands import imports, maintenance_mode, stations
from finder.domain.freshness import Thresholds
from finder.estimates import Estimates
from finder.exports_ahead import snapshots_in
from finder.index import StationIndex
from finder.jobs import finder_jobs
from finder.live_status import LiveStatus
from finder.maintenance import MaintenanceWindows
from finder.pause import pause_writes
from finder.places import places_of
from finder.rendered import RenderedStations
from finder.search import StationSearch
from finder.silence import Silence
from finder.status_cache import StatusCache
from finder.status_history import StatusHistory
from finder.thresholds import NetworkThresholds
from kernel import schema
from kernel.answer_headers import register_answer_headers
from kernel.application import Application
from kernel.bell import Bell
from kernel.cache import Cache
from kernel.clock import Clock, SystemClock
from kernel.command_line import run
from kernel.compression import compress_answers
from kernel.database import Database
from kernel.degraded import mark_degraded
from kernel.documentation import document_api, write_document
from kernel.errors import SettingsError, TemporarilyUnavailable
from kernel.health import register_health
from kernel.idempotency import Idempotency
from kernel.installation import Installation
from kernel.limits import limit_requests
from kernel.observability import Metrics, register_observability
from kernel.places import make_directory
from kernel.problems import register_problems
from kernel.relay import Relay
from kernel.services import of as _of
from kernel.services import provide
from kernel.serving import serve
from kernel.settings import Settings, read_settings
from kernel.worker import Job, run_until_stopped
from reservations.alternatives import Alternatives
from reservations.attendance import Attendance
from reservations.blueprints import RESERVATIONS
from reservations.desk import ReservationDesk
from reservations.expiry import Expiry
from reservations.free_ports import FreePorts
from reservations.history import ReservationHistory
from reservations.jobs import reservation_jobs
from reservations.modification import Modification
from reservations.openings import Openings
from reservations.policies import StationPolicies
from reservations.relocation import Relocation
from reservations.service_state import ServiceState
from reservations.taken import TakenPorts
from reservations.unusable_ports import Faults
from widget.routes import MapPage, map_page

ROOT = Path(__file__).resolve().parent
OPENAPI_FILE = ROOT / "openapi" / "openapi.json"
_ON_DATABASE = set("import stations clients drivers demo maintenance worker streamer migrate".split())


def create_app(settings: Settings | None = None, *, clock: Clock | None = None) -> Flask:
    """The application. Opens nothing that has to answer: database and cache are reached with the first request."""
    settings = settings or read_settings(os.environ)
    app = Application(__name__, static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=512 * 1024, PROPAGATE_EXCEPTIONS=False)
    database, cache = Database(settings.database_url), Cache(settings.redis_url)
    register_observability(app, Metrics(settings.var / "metrics"))
    register_problems(app)
    mark_degraded(app, database.outage)
    register_identification(app)
    register_cross_origin(app)
    limit_requests(app, cache)
    _add_use_cases(app, settings, database, cache, clock or SystemClock())
    register_health(app, database, cache, lambda: schema.is_current(database))
    _add_routes(app)
    _add_commands(app, settings)
    compress_answers(app)
    register_answer_headers(app)
    return app


def _add_use_cases(app: Flask, settings: Settings, database: Database, cache: Cache, clock: Clock) -> None:
    drivers_access = DriverAccess(database, clock)
    provide(app, settings, database, cache, Idempotency(database, clock), Relay(database, clock))
    provide(app, ClientAccess(database, clock), drivers_access, DriverUpkeep(database, clock), LiveStream(settings.var))
    _add_finder(app, settings, database, clock)
    _add_reservations(app, database, clock)
    _add_demo(app, DemoAccounts(database, clock, drivers_access), clock)


def _add_finder(app: Flask, settings: Settings, database: Database, clock: Clock) -> None:
    """The finder but for its search, which asks the reservations which ports are free."""
    thresholds = NetworkThresholds(database, Thresholds(settings.stale_after_s, settings.unreachable_after_s))
    index, taken = StationIndex(database), TakenPorts(database)
    catalogue, told = StationCatalogue(database, clock, changed=index.look_again), [Attendance(database, clock, taken)]
    cached, bell = StatusCache(_of(app, Cache), Installation(database)), Bell(settings.var / "statuses-written")
    live_status = LiveStatus(database, cached, clock, thresholds, listeners=told, bell=bell)
    provide(app, thresholds, index, taken, catalogue, live_status, Estimates(catalogue, clock))
    known, changes = Announcements(database, clock, index), StationChanges(database, clock, index)
    provide(app, changes, *snapshots_in(settings.var / "snapshots", database, clock))
    provide(app, StatusHistory(database, clock, thresholds), Silence(database, clock, live_status, thresholds, known))
    provide(app, known, MaintenanceWindows(database, clock, changed=known.look_again))
    pause_writes(app, known)


def _add_reservations(app: Flask, database: Database, clock: Clock) -> None:
    catalogue, taken, known = _of(app, StationCatalogue), _of(app, TakenPorts), _of(app, Announcements)
    index, drivers = _of(app, StationIndex), _of(app, DriverAccess)
    live = ServiceState(_of(app, LiveStatus), clock, _of(app, NetworkThresholds), known)
    desk = ReservationDesk(database, clock, catalogue, drivers, taken, out_of_service=live.out_of_service, closed=known)
    provide(app, desk, Modification(desk), StationPolicies(database, catalogue), Expiry(database, clock))
    places = places_of(_of(app, Settings).geocoder_url, _of(app, Cache))
    provide(app, Openings(database, clock, catalogue, closed=known, out_among=live.out_among))
    provide(app, Alternatives(database, clock, catalogue, index, closed=known, out_among=live.out_among))
    provide(app, ReservationHistory(database, clock), Relocation(database, clock, catalogue, taken, Faults(database)))
    search = (index, RenderedStations(database), _of(app, LiveStatus), taken, clock, _of(app, NetworkThresholds))
    free = FreePorts(database, clock, closed=known, out_among=live.out_among)
    found = StationSearch(*search, free, known, places)
    provide(app, found, AlongRoute(index, found, free, clock), MapClusters(database, index, found, *search[2:], known))


def _add_demo(app: Flask, accounts: DemoAccounts, clock: Clock) -> None:
    catalogue, live_status, keys = _of(app, StationCatalogue), _of(app, LiveStatus), _of(app, ClientAccess)
    forget = _of(app, ReservationDesk).remove_demo
    network = DemoNetwork(_of(app, Database), clock, accounts, catalogue, live_status, forget_reservations=forget)
    provide(app, network, MapPage(key=keys.map_page_key, demo_loaded=network.is_loaded, embedders=keys.page_origins))


def _add_routes(app: Flask) -> None:
    api = document_api(app)
    for blueprint in (*FINDER, *RESERVATIONS, driver_routes, streams):
        api.register_blueprint(blueprint)
    app.register_blueprint(map_page)


def _add_commands(app: Flask, settings: Settings) -> None:
    for group in (imports, stations, maintenance_mode, clients, drivers, demo, streamer):
        app.cli.add_command(group)
    app.cli.commands.pop("openapi", None)  # flask-smorest's own, replaced by the one below

    @app.cli.command("serve")
    def serve_command() -> None:
        """Start the product: web server, worker, and the embedded cache where none is given."""
        _serve(app, settings)

    @app.cli.command("worker")
    def worker_command() -> None:
        """Do the background work until stopped. `serve` starts one by itself."""
        run_until_stopped(_jobs(app, settings))

    @app.cli.command("migrate")
    def migrate_command() -> None:
        """Bring the database's schema up to date. `serve` and the commands on the database do it by themselves."""
        click.echo(f"schema is at {schema.head()}")

    @app.cli.command("openapi")
    @click.option("--check", is_flag=True, help="Only say whether the file is up to date.")
    def openapi_command(*, check: bool) -> None:
        """Write openapi/openapi.json from the code."""
        write_document(app, OPENAPI_FILE, check=check)


def _jobs(app: Flask, settings: Settings) -> list[Job]:
    return [
        *(job for jobs_of in (reservation_jobs, finder_jobs, account_jobs) for job in jobs_of(app)),
        Job("hand on events", 1, _of(app, Relay).send),
        Job("forget old events", 3600, _of(app, Relay).forget_old),
        Job("forget idempotency keys", 600, _of(app, Idempotency).forget_old),
        *([Job("move the demo network", 3, _of(app, DemoNetwork).move_if_loaded)] if settings.demo_moves else []),
    ]


def _serve(app: Flask, settings: Settings) -> None:
    serve(
        settings,
        make_app=lambda: create_app(settings),
        prepare=lambda: _prepare(app, settings),
        announce=lambda: _welcome(app, settings),
        worker_command=[sys.executable, str(ROOT / "app.py"), "worker"],
        streamer_command=[sys.executable, str(ROOT / "app.py"), "streamer"],
    )


def _prepare(app: Flask, settings: Settings) -> None:
    """The schema up to date, and the demo network in an empty database."""
    database, network = _of(app, Database), _of(app, DemoNetwork)
    click.echo("portside: bringing the database's schema up to date", err=True)
    schema.upgrade(database)
    if settings.demo and network.should_load():
        click.echo("portside: loading the demo network (made-up stations; PORTSIDE_DEMO=off leaves it out)", err=True)
        network.load()
    database.close()  # no connection may be carried into the web workers


def _welcome(app: Flask, settings: Settings) -> str:
    """What a person sees once the first request can be answered."""
    address = f"http://{settings.host}:{settings.port}"
    more = how_to_try(address) if _of(app, DemoNetwork).is_loaded() else ["Make a key: ./dev clients create NAME"]
    _of(app, Database).close()
    return "\n".join([f"Portside is at {address}  (the map; the API's documentation is at {address}/docs)", *more])


def main() -> None:
    """The command line. What cannot be done is one line on stderr and an exit code that is not 0."""
    try:
        os.umask(0o077)  # what it writes into var/ is for this account alone, whoever made the directory
        app = create_app()
        if not _ON_DATABASE.isdisjoint(sys.argv[1:2]) and "--help" not in sys.argv:
            make_directory(_of(app, Settings).var)
            schema.upgrade(_of(app, Database))
        run(app.cli, name="./dev")
    except (SettingsError, TemporarilyUnavailable) as error:
        sys.exit(f"portside: {error}")


if __name__ == "__main__":
    main()
