// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause

// http PORT LOG: answers HTTP with Go's net/http, and writes pid=PID for each request.
package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
)

func main() {
	file, err := os.OpenFile(os.Args[2], os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("/", func(answer http.ResponseWriter, request *http.Request) {
		fmt.Fprintf(file, "pid=%d\n", os.Getpid())
		io.WriteString(answer, "hello\n")
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Args[1], nil))
}
