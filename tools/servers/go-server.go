// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause

// go-server: Go's net package, several listeners that share a port with SO_REUSEPORT, a goroutine
// that accepts on each.
//
// Goroutines do not sleep in the kernel. The runtime watches every listener with one
// edge-triggered epoll per process, in which at most one of its threads sleeps, and a goroutine
// runs on whatever thread is free. So there is no herd on the listeners; but the thread that was
// woken may wake others, by futex, to run what became ready.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

const (
	soReuseport = 15 // SO_REUSEPORT: the syscall package has no name for it
	messageMax  = 1024
	readTimeout = time.Second
)

type settings struct {
	workers int
	port    uint
	address string
	quiet   bool
}

func fail(status int, format string, args ...any) {
	fmt.Fprintf(os.Stderr, "go-server: "+format+"\n", args...)
	os.Exit(status)
}

func parse() settings {
	var s settings
	flag.IntVar(&s.workers, "w", 4, "number of listeners, each with a goroutine")
	flag.UintVar(&s.port, "p", 8888, "TCP port")
	flag.StringVar(&s.address, "address", "127.0.0.1", "numeric address")
	flag.BoolVar(&s.quiet, "q", false, "do not print the messages")
	flag.Parse()

	switch {
	case flag.NArg() > 0:
		fail(2, "too many arguments")
	case s.workers < 1 || s.workers > 4096:
		fail(2, "-w: %d is not a number from 1 to 4096", s.workers)
	case s.port < 1 || s.port > 65535:
		fail(2, "-p: %d is not a number from 1 to 65535", s.port)
	case net.ParseIP(s.address) == nil:
		fail(2, "bad address %q", s.address)
	}
	return s
}

func setReuseport(_, _ string, conn syscall.RawConn) error {
	var err error
	controlErr := conn.Control(func(fd uintptr) {
		err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, soReuseport, 1)
	})
	if controlErr != nil {
		return controlErr
	}
	return err
}

func listen(s settings) net.Listener {
	config := net.ListenConfig{Control: setReuseport}
	where := net.JoinHostPort(s.address, strconv.FormatUint(uint64(s.port), 10))
	listener, err := config.Listen(context.Background(), "tcp", where)
	if err != nil {
		fail(1, "cannot listen: %v", err)
	}
	return listener
}

// The message is a stranger's: only printable ASCII may reach the terminal.
func printable(message []byte) []byte {
	for i, c := range message {
		if c < ' ' || c > '~' {
			message[i] = '?'
		}
	}
	return message
}

// handle reads one line, prints it, closes the connection.
func handle(conn net.Conn, quiet bool) {
	conn.SetReadDeadline(time.Now().Add(readTimeout))
	line, _ := bufio.NewReader(io.LimitReader(conn, messageMax)).ReadBytes('\n')
	conn.Close()
	if len(line) == 0 || quiet {
		return
	}
	if line[len(line)-1] == '\n' {
		line = line[:len(line)-1]
	}
	fmt.Printf("%d received: %s\n", os.Getpid(), printable(line))
}

func serve(listener net.Listener, quiet bool) {
	for {
		conn, err := listener.Accept()
		if errors.Is(err, syscall.ECONNABORTED) {
			continue
		}
		if err != nil {
			fail(1, "cannot accept: %v", err)
		}
		handle(conn, quiet)
	}
}

func main() {
	s := parse()
	end := make(chan os.Signal, 1)
	signal.Notify(end, syscall.SIGTERM, syscall.SIGINT)

	var listeners []net.Listener
	for i := 0; i < s.workers; i++ {
		listeners = append(listeners, listen(s))
	}
	for _, listener := range listeners {
		go serve(listener, s.quiet)
	}
	<-end
}
