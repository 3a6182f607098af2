"""Drives kernels as JupyterLab's server does: python notebook_client.py SESSIONS, which is JSON; prints what came back."""

import json
import os
import queue
import re
import signal
import sys
import time
from collections import defaultdict

SESSIONS = json.loads(sys.argv[1])
os.environ.update(SESSIONS["env"])

from jupyter_client.manager import KernelManager  # noqa: E402  it reads the environment

TIMEOUT = 60


class Notebook:
    def __init__(self, cwd, env, kernel):
        self.replies, self.published = defaultdict(list), defaultdict(list)
        self.manager = KernelManager(kernel_name=kernel)
        self.manager.start_kernel(cwd=cwd, env={**os.environ, **env})
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=TIMEOUT)

    def reply(self, sent):
        return self.next(self.client.get_shell_msg, self.replies, sent)["content"]

    def next(self, get, kept, sent):
        """The next message that belongs to what was sent; those of others are kept."""
        while not kept[sent]:
            message = get(timeout=TIMEOUT)
            kept[message["parent_header"].get("msg_id")].append(message)
        return kept[sent].pop(0)

    def send(self, code, metadata=None):
        content = dict(code=code, silent=False, store_history=True, user_expressions={}, allow_stdin=False)
        message = self.client.session.msg("execute_request", {**content, "stop_on_error": True}, metadata=metadata or {})
        self.client.shell_channel.send(message)
        return message["header"]["msg_id"]

    def execute(self, execute, metadata=None, interrupt=None, **_):
        """Run a cell; `interrupt`: [pattern of the text that is waited for, 'message' or 'SIGINT']."""
        return self.outputs(self.send(execute, metadata), interrupt)

    def outputs(self, sent, interrupt=None):
        outputs, interrupted_at = [], None
        while True:
            message = self.next(self.client.get_iopub_msg, self.published, sent)
            kind, content = message["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] == "idle":
                break
            if kind in ("status", "execute_input"):
                continue
            outputs.append({"type": kind, **content})
            if interrupt and interrupted_at is None and re.search(interrupt[0], content.get("text", "")):
                interrupted_at = time.time()
                self.interrupt(interrupt[1])
        seconds = None if interrupted_at is None else time.time() - interrupted_at
        return {**self.reply(sent), "outputs": outputs, "seconds": seconds}

    def interrupt(self, how):
        if how == "message":
            self.manager.interrupt_kernel()
        else:
            os.kill(self.manager.provisioner.process.pid, signal.SIGINT)

    def together(self, together, **_):
        """Cells that are sent at once."""
        return [self.outputs(sent) for sent in [self.send(code) for code in together]]

    def complete(self, complete, **_):
        return self.reply(self.client.complete(complete))

    def inspect(self, inspect, cursor_pos=None, **_):
        return self.reply(self.client.inspect(inspect, cursor_pos))

    def is_complete(self, is_complete, **_):
        return self.reply(self.client.is_complete(is_complete))

    def restart(self, restart, **_):
        """Whether each process whose id is a line of a file is still there after a restart."""
        pids = [int(line) for line in open(restart).read().split()] + [self.manager.provisioner.process.pid]
        started = time.time()
        self.manager.restart_kernel()
        seconds = time.time() - started
        self.client.wait_for_ready(timeout=TIMEOUT)
        return {"alive": [pid for pid in pids if is_alive(pid)], "seconds": seconds}

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel()


def is_alive(pid):
    try:
        return open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def run(session):
    notebook = Notebook(session["cwd"], session.get("env", {}), session.get("kernel", "coreset"))
    try:
        results = {}
        for name, step in session["steps"].items():
            try:
                results[name] = getattr(notebook, next(iter(step)))(**step)
            except queue.Empty:
                raise TimeoutError(f"no answer to {name}: {step}") from None
        return results
    finally:
        notebook.close()


print(json.dumps([run(session) for session in SESSIONS["sessions"]]))
