package webadmin

import (
	"net/http"

	"trunkbox/firmware/evidence"
)

// access is who may use a route.
type access uint8

const (
	anyone access = iota
	agent
	admin
)

// The largest request bodies, in octets.
const (
	smallBody    = 16 << 10
	settingsBody = 4 << 20
	soundBody    = 64 << 20 // ten minutes of 48 kHz, 16 bit, mono is 58 MB
)

// route is one row of the table of everything the server answers.
type route struct {
	pattern string
	who     access
	body    int64 // largest body; 0: smallBody
	handle  handle
}

// routes is that table. A path that is not here is not found.
func (s *Server) routes() []route {
	return []route{
		{"GET /{$}", anyone, 0, s.page},
		{"GET /agent", anyone, 0, s.agentPage},
		{"GET /page/{file}", anyone, 0, s.pageFile},

		{"GET /api/hello", anyone, 0, s.hello},
		{"POST /api/first", anyone, 0, s.first},
		{"POST /api/sign-in", anyone, 0, s.signIn},
		{"POST /api/sign-out", admin, 0, s.signOut},
		{"POST /api/password", admin, 0, s.changePassword},

		{"GET /api/now", admin, 0, s.now},
		{"GET /api/now/stream", admin, 0, s.nowStream},
		{"GET /api/lines/{line}/performance", admin, 0, s.performance},
		{"GET /api/lines/{line}/ledger", admin, 0, s.ledger},
		{"POST /api/lines/{line}/channels/{timeslot}/service", admin, 0, s.service},
		{"POST /api/lines/{line}/apply", admin, 0, s.applyNow},
		{"POST /api/lines/{line}/switch-d", admin, 0, s.switchD},
		{"GET /api/lines/{line}/evidence", admin, 0, s.evidence},
		{"GET /api/lines/{line}/evidence.pdf", admin, 0, s.evidenceFile("pdf", "application/pdf", evidence.Pack.WritePDF)},
		{"GET /api/lines/{line}/evidence.txt", admin, 0, s.evidenceFile("txt", "text/plain; charset=utf-8", evidence.Pack.WriteText)},
		{"POST /api/agents/{extension}/in", admin, 0, s.agentDeed(logIn)},
		{"POST /api/agents/{extension}/out", admin, 0, s.agentDeed(logOut)},
		{"POST /api/agents/{extension}/pause", admin, 0, s.agentDeed(takeBreak)},
		{"POST /api/agents/{extension}/resume", admin, 0, s.agentDeed(resume)},
		{"POST /api/calls/{id}/hangup", admin, 0, s.hangUp},

		{"GET /api/calls", admin, 0, s.calls},
		{"GET /api/calls.csv", admin, 0, s.callsCSV},
		{"GET /api/calls/choices", admin, 0, s.callChoices},
		{"GET /api/calls/{id}", admin, 0, s.call},
		{"GET /api/calls/{id}/recordings", admin, 0, s.withRecorder(s.recordingsOfCall)},

		{"GET /api/recordings", admin, 0, s.withRecorder(s.recordings)},
		{"GET /api/recordings/{day}", admin, 0, s.withRecorder(s.recordingsOfDay)},
		{"GET /api/recordings/{day}/chain", admin, 0, s.withRecorder(s.chainOfDay)},
		{"POST /api/recordings/{day}/prove", admin, 0, s.withRecorder(s.prove)},
		{"GET /api/recordings/{day}/{file}", admin, 0, s.withRecorder(s.downloadRecording)},
		{"GET /api/recordings/{day}/{file}/sound", admin, 0, s.withRecorder(s.listen)},

		{"GET /api/lines/{line}/doctor", admin, 0, s.withDoctor(s.examination)},
		{"POST /api/lines/{line}/doctor", admin, 0, s.withDoctor(s.examine)},
		{"POST /api/lines/{line}/doctor/apply", admin, 0, s.withDoctor(s.applyExamination)},
		{"POST /api/lines/{line}/tests", admin, 0, s.withDoctor(s.testLine)},

		{"GET /api/lines/{line}/trace", admin, 0, s.trace},
		{"GET /api/lines/{line}/trace.pcap", admin, 0, s.tracePcap},

		{"GET /api/settings", admin, 0, s.settings},
		{"PUT /api/settings", admin, settingsBody, s.applySettings},
		{"POST /api/settings/check", admin, settingsBody, s.checkSettings},
		{"POST /api/settings/read", admin, settingsBody, s.readSettings},
		{"GET /api/settings/export", admin, 0, s.exportSettings},
		{"GET /api/settings/history", admin, 0, s.settingsHistory},
		{"GET /api/settings/history/{change}", admin, 0, s.settingsVersion},

		{"GET /api/prompts", admin, 0, s.prompts},
		{"GET /api/prompts/{lang}/{name}", admin, 0, s.prompt},
		{"POST /api/prompts/{lang}/{name}", admin, soundBody, s.putPrompt},
		{"DELETE /api/prompts/{lang}/{name}", admin, 0, s.dropPrompt},

		{"GET /api/agent/hello", anyone, 0, s.agentHello},
		{"POST /api/agent/sign-in", anyone, 0, s.agentSignIn},
		{"POST /api/agent/sign-out", agent, 0, s.signOut},
		{"GET /api/agent/me", agent, 0, s.seatNow},
		{"GET /api/agent/stream", agent, 0, s.seatStream},
		{"POST /api/agent/in", agent, 0, s.agentDeed(logIn)},
		{"POST /api/agent/out", agent, 0, s.agentDeed(logOut)},
		{"POST /api/agent/pause", agent, 0, s.agentDeed(takeBreak)},
		{"POST /api/agent/resume", agent, 0, s.agentDeed(resume)},
	}
}

func (s *Server) mux() http.Handler {
	mux := http.NewServeMux()
	for _, rt := range s.routes() {
		mux.Handle(rt.pattern, s.serve(rt))
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := mux.Handler(r); pattern == "" {
			s.answerError(w, r, refuse(http.StatusNotFound, "error.not_found"))
			return
		}
		mux.ServeHTTP(w, r)
	})
}
