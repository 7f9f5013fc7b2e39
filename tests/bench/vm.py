# SPDX-License-Identifier: GPL-2.0-or-later
"""Boots a stock kernel with the files of one measurement."""
import os
import pathlib
import shutil
import subprocess
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = TOP / "build"
BENCH = BUILD / "bench"
HERE = pathlib.Path(__file__).resolve().parent

# Virtual time counts instructions: one nanosecond each. There is a place for a
# second processor, so that the kernel has counters for two.
ICOUNT = ["-smp", "1,maxcpus=2", "-cpu", "max,-cx16", "-accel", "tcg", "-icount", "shift=0,sleep=off"]

# Two processors that really run at the same time. Now and then such a VM fails
# while it boots.
PARALLEL = ["-smp", "2", "-cpu", "max,-cx16", "-accel", "tcg,thread=multi"]


def kernel():
    """The folder of the stock kernel, see scripts/kernel."""
    return pathlib.Path(subprocess.run([TOP / "scripts/kernel"], check=True, text=True,
                                       stdout=subprocess.PIPE).stdout.strip())


def base(kernel_folder):
    """An initramfs with the tools, the modules and the programs."""
    release = (kernel_folder / "release").read_text().strip()
    output = BENCH / f"initramfs.{os.getpid()}"
    files = {
        BUILD / "ipmasqctl": "/usr/bin/ipmasqctl",
        BUILD / "vm/inside": "/usr/bin/inside",
        BENCH / "stopwatch": "/usr/bin/stopwatch",
        BENCH / "lpm": "/usr/bin/lpm",
        BUILD / release / "ipmasq.ko": "/usr/lib/modules/ipmasq.ko",
        BUILD / release / "bench/floor/floor.ko": "/bench/floor.ko",
        BUILD / release / "bench/generator/generator.ko": "/bench/generator.ko",
    }
    for script in (HERE / "guest").iterdir():
        files[script] = f"/bench/{script.name}"
    BENCH.mkdir(parents=True, exist_ok=True)
    subprocess.run([TOP / "tests/vm/initramfs", kernel_folder, output] +
                   [f"{file}={place}" for file, place in files.items()],
                   check=True, stdout=subprocess.DEVNULL)
    return output


def boot(kernel_folder, initramfs, data, command, log, machine=ICOUNT, memory=3072,
         seconds=3600):
    """Runs command in a VM that has the files of data in /bench/data; returns the
    lines that it wrote. The console is in LOG.console, the lines in LOG.lines."""
    with tempfile.TemporaryDirectory(dir=BENCH) as work:
        root = pathlib.Path(work) / "root/bench/data"
        root.mkdir(parents=True)
        for file in data:
            os.link(file, root / pathlib.Path(file).name)
        archive = pathlib.Path(work) / "initramfs"
        with open(archive, "wb") as out:
            with open(initramfs, "rb") as tools:
                shutil.copyfileobj(tools, out)
            out.flush()
            listing = subprocess.run(["find", ".", "-mindepth", "1"], check=True,
                                     cwd=root.parents[1], stdout=subprocess.PIPE).stdout
            subprocess.run(["cpio", "--quiet", "-o", "-H", "newc", "-R", "0:0"], check=True,
                           cwd=root.parents[1], input=listing, stdout=out)
        # The console may hold an earlier run's text until QEMU truncates it.
        for kind in ("console", "lines"):
            pathlib.Path(f"{log}.{kind}").unlink(missing_ok=True)
        with open(f"{log}.qemu", "wb") as errors:
            subprocess.run(
                ["timeout", "--foreground", "-k", "5", str(seconds), "qemu-system-x86_64",
                 "-machine", "q35", *machine, "-m", str(memory),
                 "-nodefaults", "-no-user-config", "-nic", "none", "-display", "none",
                 "-no-reboot",
                 "-chardev", f"file,id=console,path={log}.console",
                 "-serial", "chardev:console",
                 "-chardev", f"file,id=results,path={log}.lines", "-serial", "chardev:results",
                 "-kernel", kernel_folder / "vmlinuz", "-initrd", archive,
                 "-append", "console=ttyS0 quiet loglevel=7 panic=-1 oops=panic "
                            f"rdinit=/init -- {command}"],
                stdin=subprocess.DEVNULL, stdout=errors, stderr=errors, check=False)
    with open(f"{log}.lines", errors="replace") as lines:
        return [line.rstrip("\r\n") for line in lines]
