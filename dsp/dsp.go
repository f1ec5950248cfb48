// Package dsp is the telephone's signal processing: companding (A-law and µ-law), tones and
// cadences, digits and signals sent and heard (DTMF, R2, Bell MF, call progress, fax), the line's echo
// cancelled, voice told from noise and brought to one level, noise brought down, a person told from an
// answering machine, conferences mixed, level and frequency meters, change of sampling rate.
//
// Sound path: octets and samples come from firmware/timeslot, firmware/rtp and firmware/bridge and
// go back to them. The signal path is not known here: a detected digit is a value that is handed
// back to the caller, what it means is decided elsewhere. The package imports nothing of ours.
//
// Standards: G.711 (companding), G.722 at 64 kbit/s (7 kHz), Q.23 and Q.24 (DTMF), E.180/Q.35 with its
// Supplement 2 (tones), Q.322 and Q.441 (MF and R2 signals), G.168 (echo), V.25 and T.30 (modems and fax
// machines make themselves known), G.100.1 (dBm0). Left out: modems and fax themselves.
//
// The dearest of it is the echo: a frequency-domain Kalman filter learns the path beside a filter that only cancels
// (echo.go), 0.8 µs of a core for a channel's 10 ms with a tail of 32 ms where the processor has AVX2, twice that when the
// caches have been used by others in between, 4 to 5 µs elsewhere. It takes 34 dB off an echo and more; what is left is the
// companding's own noise, in the place of which the suppressor puts comfort noise, so that no echo of more than -65 dBm0 is
// heard.
//
// Caveats: everything is 8000 samples a second unless a name says otherwise; samples are 16-bit
// linear. No function keeps a slice it was given, none allocates after construction unless its
// comment says so, and no type may be used by two goroutines at the same time.
package dsp

// SampleRate is the sampling rate of the telephone network, samples a second (G.711 clause 2).
const SampleRate = 8000
