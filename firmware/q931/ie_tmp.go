package q931

type elementInfo struct{ name string }

func find(ElementID) *elementInfo { return nil }
