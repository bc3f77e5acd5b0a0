"""A real kernel, without a browser: what is sent while a cell runs, how it is interrupted and stopped, what is kept."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import ipykernel
import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

WIDGET = "application/vnd.jupyter.widget-view+json"

pytestmark = pytest.mark.timeout(300)

PATIENCE = 100.0
"""Seconds that a busy machine may take for what should happen at once."""

HARD = """\
%%invert -o answer --time-limit 1h --gap 0.0001%
network hard from "hard.npz"
target  goal = (0.5, -0.5, 1, 0, 0.3, -1)
input   x[12] in -1..1
minimise L1(hard(x), goal)
"""


class Notebook:
    """A kernel and its messages."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self.manager, self.client = manager, client
        self.messages: list[dict[str, Any]] = []

    def begin(self, code: str) -> str:
        """Queue a cell."""
        return str(self.client.execute(code, allow_stdin=False))

    def read_until(self, condition: Callable[[dict[str, Any]], bool]) -> None:
        """Read what the kernel publishes until a message fulfils the condition."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            message = self.client.get_iopub_msg(timeout=PATIENCE)
            self.messages.append(message)
            if condition(message):
                return
        pytest.fail("what was waited for did not come")

    def read_cell(self, cell: str) -> dict[str, Any]:
        """Read until a cell has ended; return its reply."""
        self.read_until(
            lambda m: (
                m["parent_header"].get("msg_id") == cell
                and m["msg_type"] == "status"
                and m["content"]["execution_state"] == "idle"
            )
        )
        while True:
            reply: dict[str, Any] = self.client.get_shell_msg(timeout=PATIENCE)
            if reply["parent_header"]["msg_id"] == cell:
                return reply["content"]

    def run(self, code: str) -> dict[str, Any]:
        """Run a cell; return its reply."""
        return self.read_cell(self.begin(code))

    def run_until(self, code: str, kind: str) -> None:
        """Run a cell, and interrupt it once it has published a message of a kind."""
        cell = self.begin(code)
        self.read_until(lambda message: message["msg_type"] == kind)
        self.manager.interrupt_kernel()
        reply = self.read_cell(cell)
        assert (reply["status"], reply["ename"]) == ("error", "KeyboardInterrupt")

    def evaluate(self, expression: str) -> str:
        """Return the repr of an expression in the kernel."""
        cell = self.client.execute("", user_expressions={"value": expression})
        value = self.read_cell(cell)["user_expressions"]["value"]
        return str(value["data"]["text/plain"]) if value["status"] == "ok" else str(value["ename"])

    def of_type(self, kind: str) -> list[dict[str, Any]]:
        """The contents of all messages of a kind."""
        return [message["content"] for message in self.messages if message["msg_type"] == kind]


@pytest.fixture(scope="module")
def kernel(hard_network: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    """A kernel in the folder of the network."""
    manager = KernelManager(kernel_name="python3")
    home = {"IPYTHONDIR": str(tmp_path_factory.mktemp("ipython"))}
    manager.start_kernel(cwd=str(hard_network.parent), env=os.environ | home)
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=PATIENCE)
        notebook = Notebook(manager, client)
        assert notebook.run("%load_ext preimage\nimport sys")["status"] == "ok"
        yield notebook
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


@pytest.fixture
def notebook(kernel: Notebook) -> Notebook:
    """The kernel, with nothing read yet and nothing named."""
    assert kernel.run("answer = afterwards = None\ndel answer, afterwards")["status"] == "ok"
    kernel.messages.clear()
    return kernel


def test_an_interrupt_keeps_the_incumbent_and_stops_the_queue(notebook: Notebook) -> None:
    search, queued = notebook.begin(HARD), notebook.begin("afterwards = True")
    for _ in range(5):  # the card moves while the cell runs
        notebook.read_until(lambda m: m["msg_type"] == "comm_msg" and m["content"]["data"].get("method") == "update")
    assert not any(m["parent_header"].get("msg_id") == queued for m in notebook.messages)

    notebook.manager.interrupt_kernel()
    reply = notebook.read_cell(search)
    assert (reply["status"], reply["ename"]) == ("error", "KeyboardInterrupt")
    (error,) = notebook.of_type("error")
    assert error["traceback"] == ["KeyboardInterrupt: the best design so far is in `answer`"]

    final = notebook.of_type("update_display_data")[-1]["data"]
    assert "interrupted · gap" in final["text/html"]
    assert final["image/png"]
    assert WIDGET not in final
    assert notebook.of_type("comm_close")

    assert notebook.read_cell(queued)["status"] in {"aborted", "error"}
    assert notebook.evaluate("afterwards") == "NameError"
    assert notebook.evaluate("answer.status, answer['x'].shape") == "('interrupted', (12,))"


@pytest.mark.skipif(ipykernel.version_info < (7,), reason="only from ipykernel 7 on a busy kernel listens")
def test_stop_is_heard_while_the_cell_runs(notebook: Notebook) -> None:
    """The browser's messages go through a subshell of the kernel, as JupyterLab sends them."""
    client = notebook.client
    request = client.session.msg("create_subshell_request", {})
    client.control_channel.send(request)
    subshell = client.get_control_msg(timeout=PATIENCE)["content"]["subshell_id"]

    search, queued = notebook.begin(HARD), notebook.begin("afterwards = True")
    notebook.read_until(lambda m: m["msg_type"] == "display_data" and WIDGET in m["content"]["data"])
    comm = notebook.of_type("display_data")[-1]["data"][WIDGET]["model_id"]

    def say(word: str) -> None:
        message = client.session.msg("comm_msg", {"comm_id": comm, "data": {"method": "custom", "content": word}})
        message["header"]["subshell_id"] = subshell
        client.shell_channel.send(message)

    say("hello")
    notebook.read_until(
        lambda m: m["msg_type"] == "comm_msg" and m["content"]["data"].get("state", {}).get("heard") is True
    )
    say("stop")
    assert notebook.read_cell(search)["status"] == "ok"
    assert notebook.read_cell(queued)["status"] == "ok"
    assert notebook.evaluate("answer.status, afterwards") == "('interrupted', True)"
    assert "interrupted · gap" in notebook.of_type("update_display_data")[-1]["data"]["text/html"]
    assert not notebook.of_type("execute_result"), "the answer is shown once"
    assert notebook.run("answer")["status"] == "ok"
    assert "text/html" in notebook.of_type("execute_result")[0]["data"]


def test_without_anywidget_the_card_is_redrawn_as_a_picture(notebook: Notebook) -> None:
    notebook.run("card = sys.modules.pop('preimage.notebook.card', None); sys.modules['anywidget'] = None")
    begun = time.monotonic()
    notebook.run_until(HARD, "update_display_data")
    seconds = time.monotonic() - begun
    notebook.run("del sys.modules['anywidget']")
    (shown,) = notebook.of_type("display_data")
    assert "preimage-card" in shown["data"]["text/html"]
    assert WIDGET not in shown["data"]
    assert len(notebook.of_type("update_display_data")) <= 2 * seconds + 2  # at most two a second, and the end


def test_the_text_tier_is_one_line_in_place(notebook: Notebook) -> None:
    notebook.run_until(HARD.replace("-o answer", "--live text"), "update_display_data")
    (shown,) = notebook.of_type("display_data")
    assert shown["data"]["text/plain"].startswith("searching · ")
    assert "text/html" not in shown["data"]
    lines = [update["data"] for update in notebook.of_type("update_display_data")]
    assert all(set(line) == {"text/plain"} for line in lines[:-1])
    assert "preimage-card" in lines[-1]["text/html"]


def test_without_matplotlib_the_card_has_no_picture(notebook: Notebook) -> None:
    notebook.run("pictures = [sys.modules.pop(name) for name in list(sys.modules) if 'pictures' in name]")
    notebook.run("matplotlib = sys.modules.get('matplotlib'); sys.modules['matplotlib'] = None")
    notebook.run_until(HARD, "comm_msg")
    notebook.run("sys.modules['matplotlib'] = matplotlib")
    result = notebook.of_type("update_display_data")[-1]["data"]
    assert "text/html" in result
    assert "image/png" not in result


def test_off_is_silent_until_the_result(notebook: Notebook) -> None:
    assert notebook.run(HARD.replace("-o answer", "--live off").replace("1h", "1s"))["status"] == "ok"
    assert not notebook.of_type("display_data")
    assert not notebook.of_type("comm_open")
    assert len(notebook.of_type("execute_result")) == 1
