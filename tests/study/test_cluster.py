"""A cluster of dask's, as SLURM starts one: strangers are refused, and workers come and go."""

from __future__ import annotations

import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from test_sweep import contents, make, same
from toys import toy_study

from abm.experiments import engine, tls
from abm.experiments.dataset import open_study
from abm.experiments.engine_settings import ClusterEngine
from abm.experiments.tls import SoundSocket


def test_a_stranger_is_let_in_nowhere_at_a_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssl.SSLContext, "sslsocket_class", ssl.SSLSocket)
    settings = ClusterEngine(kind="slurm", max_jobs=1)
    with (
        engine._dask(tmp_path, "slurm") as distributed,
        engine._open_cluster(settings, tmp_path, "crackdown") as cluster,
    ):
        address = cluster.scheduler_address
        assert address.startswith("tls://")
        for name in (address, address.replace("tls://", "tcp://")):
            with pytest.raises((OSError, TimeoutError, TypeError, RuntimeError)):
                distributed.Client(name, timeout="3s", set_as_default=False).close()
        with engine._client(distributed, cluster) as client:
            assert client.scheduler_info()["workers"] == {}
        assert [path.stat().st_mode & 0o077 for path in tmp_path.glob(".dask-jobqueue.*")] == [0, 0, 0]
        server = cluster.scheduler.http_server
        assert server.address == "127.0.0.1"
        for page in ("", "health", "metrics", "info/main/workers.html", "json/counts.json", "status"):
            with pytest.raises(urllib.error.HTTPError, match="404"):
                urllib.request.urlopen(f"http://127.0.0.1:{server.port}/{page}")
        script = cluster.job_script()
        assert "#SBATCH -J crackdown\n" in script
        assert "--dashboard-address 127.0.0.1:0" in script
        assert "DASK_DISTRIBUTED__WORKER__HTTP__ROUTES='[]'" in script


# ---------------------------------------------------------------------------------------------------------- connections


@contextmanager
def encrypted_workers(settings: Any, *, folder: Path) -> Iterator[engine.Engine]:
    """Three workers as a job of a cluster has them, here: encrypted, and started again when they die."""
    import dask
    from distributed import LocalCluster

    preload = {f"distributed.{who}.preload": [tls.__name__] for who in ("nanny", "worker")}
    scheduler = {"dashboard_address": "127.0.0.1:0"}
    options = {"n_workers": 3, "threads_per_worker": 1, "memory_limit": 0, "scheduler_kwargs": scheduler}
    with (
        engine._dask(folder, "dask") as distributed,
        dask.config.set(preload),
        LocalCluster(**options, **engine.encryption(), dashboard_address=None, silence_logs=False) as cluster,
        engine._client(distributed, cluster) as client,
    ):
        yield engine._engine(client, 3, hint="")


def test_encrypted_workers_that_come_and_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_compiler: None) -> None:
    monkeypatch.setattr(ssl.SSLContext, "sslsocket_class", ssl.SSLSocket)
    monkeypatch.setattr("abm.experiments.sweep.open_engine", encrypted_workers)
    experiment = toy_study(tmp_path, points=1, replicates=4, description=f"slow dies {tmp_path / 'mended'}")
    make(experiment, tmp_path / "out")
    assert ssl.SSLContext.sslsocket_class is SoundSocket
    assert open_study(tmp_path / "out").counts() == {"done": 11, "failed": 1, "planned": 0}
    (tmp_path / "mended").touch()
    make(experiment, tmp_path / "out")
    plain = toy_study(tmp_path, points=1, replicates=4, description=f"slow dies {tmp_path / 'mended'}")
    make(plain, tmp_path / "plain")
    assert same(contents(open_study(tmp_path / "out")), contents(open_study(tmp_path / "plain")))
