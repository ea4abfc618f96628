// An activity worker of the Go SDK. Its activity fails as its order says, until a file with the order's id is in the folder.
package main

import (
	"context"
	"log"
	"os"
	"path/filepath"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
)

type order struct {
	ID      string `json:"id"`
	Message string `json:"message"`
	Type    string `json:"type"`
	Details []any  `json:"details"`
}

var folder = os.Getenv("ORDERS_FOLDER")

func sendOrder(_ context.Context, order order) (string, error) {
	if _, err := os.Stat(filepath.Join(folder, order.ID)); err == nil {
		return "sent " + order.ID, nil
	}
	attempts, err := os.OpenFile(filepath.Join(folder, order.ID+".attempts"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return "", err
	}
	defer attempts.Close()
	if _, err := attempts.WriteString("x"); err != nil {
		return "", err
	}
	return "", temporal.NewApplicationError(order.Message, order.Type, order.Details...)
}

func main() {
	options := client.Options{HostPort: os.Getenv("TEMPORAL_ADDRESS"), Namespace: os.Getenv("TEMPORAL_NAMESPACE")}
	connection, err := client.Dial(options)
	if err != nil {
		log.Fatalln(err)
	}
	defer connection.Close()
	w := worker.New(connection, os.Getenv("TASK_QUEUE"), worker.Options{})
	w.RegisterActivityWithOptions(sendOrder, activity.RegisterOptions{Name: "sendOrder"})
	if err := w.Run(worker.InterruptCh()); err != nil {
		log.Fatalln(err)
	}
}
