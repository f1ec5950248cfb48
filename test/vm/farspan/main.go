// Farspan cuts the cable between the two spans of the VM test and joins it again, by destroying and
// creating the far span. It runs inside the guest: "farspan destroy", "farspan create".
package main

import (
	"fmt"
	"os"

	"trunkbox/drivers/dahdi"
	"trunkbox/drivers/span"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "farspan:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	far := dahdi.Dynamic{Driver: "loc", Address: "1:1", Kind: span.E1}
	if len(args) != 1 {
		return fmt.Errorf("want one word, create or destroy, got %q", args)
	}
	switch args[0] {
	case "create":
		number, err := far.Create()
		if err != nil {
			return err
		}
		fmt.Println("span", number)
		return nil
	case "destroy":
		return far.Destroy()
	}
	return fmt.Errorf("want create or destroy, got %q", args[0])
}
