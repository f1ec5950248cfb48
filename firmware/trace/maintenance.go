package trace

import "trunkbox/firmware/q931"

// parseMessage reads a message of call control or, in North America, of maintenance, which has another discriminator.
func parseMessage(info []byte) (q931.Message, error) {
	if len(info) > 0 && maintenance(info[0]) {
		var m q931.Message
		err := m.DecodeMaintenance(info)
		return m, err
	}
	return q931.Parse(info)
}

// maintenance says whether a protocol discriminator is one of the two of maintenance (see q931.Message.DecodeMaintenance).
func maintenance(discriminator uint8) bool { return discriminator == 0x03 || discriminator == 0x43 }

// maintenanceNames are the messages of maintenance by discriminator and type; the two have them the other way round.
var maintenanceNames = map[[2]uint8]string{
	{0x03, 0x0f}: "SERVICE", {0x03, 0x07}: "SERVICE ACKNOWLEDGE", {0x43, 0x07}: "SERVICE", {0x43, 0x0f}: "SERVICE ACKNOWLEDGE",
}

// nameOf is the name of a message as its protocol writes it.
func nameOf(m *q931.Message) string {
	if name := maintenanceNames[[2]uint8{m.Protocol, uint8(m.Type)}]; name != "" {
		return name
	}
	return m.Type.String()
}

// wordsOf are those of a message.
func wordsOf(m *q931.Message) words {
	name := nameOf(m)
	if w, known := maintenanceWords[name]; known && m.Protocol != 0 {
		return w
	}
	if w, known := messageWords[m.Type]; known && m.Protocol == 0 {
		return w
	}
	return words{"发来 " + name + " 消息", "send{s} " + name}
}

var maintenanceWords = map[string]words{
	"SERVICE":             {"告知通道的服务状态", "tell{s} the service status of channels"},
	"SERVICE ACKNOWLEDGE": {"确认通道的服务状态", "confirm{s} the service status of channels"},
}

// statusWords are the service statuses.
var statusWords = map[q931.ServiceStatus]words{
	q931.InService: {"：在服务", ": in service"}, q931.MaintenanceStatus: {"：维护，只接呼叫", ": maintenance, calls are only taken"},
	q931.OutOfService: {"：退出服务", ": out of service"},
}
