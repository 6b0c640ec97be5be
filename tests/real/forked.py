#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
"""forked MODE PORT WORKERS LOG: forks as many workers that answer HTTP, and writes pid=PID for each request.

asyncio    an event loop in each worker, made after the fork, on the socket that the parent opened
exclusive  an epoll in each worker, with EPOLLEXCLUSIVE, and one request after another, as pitchfork does
reuseport  a listener in each worker, in an event loop
"""
import asyncio
import os
import select
import signal
import socket
import sys

ANSWER = b"HTTP/1.0 200 OK\r\nContent-Length: 6\r\n\r\nhello\n"


def make_listener(port, reuseport=False):
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if reuseport:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(256)
    return listener


class Log:
    def __init__(self, path):
        self.file = os.open(path, os.O_WRONLY | os.O_APPEND)

    def request(self):
        os.write(self.file, b"pid=%d\n" % os.getpid())


def serve_loop(listener, log):
    async def answer(reader, writer):
        if await reader.read(4096):
            log.request()
            writer.write(ANSWER)
        writer.close()

    async def serve():
        server = await asyncio.start_server(answer, sock=listener)
        await server.serve_forever()

    asyncio.run(serve())


def serve_exclusive(listener, log):
    listener.setblocking(False)
    epoll = select.epoll()
    epoll.register(listener.fileno(), select.EPOLLIN | select.EPOLLEXCLUSIVE)
    while True:
        epoll.poll()
        try:
            connection, _ = listener.accept()
        except BlockingIOError:
            continue
        connection.setblocking(True)
        if connection.recv(4096):
            log.request()
            connection.sendall(ANSWER)
        connection.close()


def main():
    mode, port, workers, log = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Log(sys.argv[4])
    listener = None if mode == "reuseport" else make_listener(port)
    children = []
    for _ in range(workers):
        child = os.fork()
        if not child:
            if mode == "exclusive":
                serve_exclusive(listener, log)
            serve_loop(listener or make_listener(port, True), log)
        children.append(child)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        signal.pause()
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)


main()
