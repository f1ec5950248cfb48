package prompt

import (
	"bytes"
	"fmt"

	"trunkbox/dsp"
)

// RefusedError tells the owner why a file cannot be a prompt and what to do, in both languages.
type RefusedError struct {
	ZH, EN string
}

func (e *RefusedError) Error() string { return e.EN }

const (
	largestFile    = 100 << 20 // octets
	longestSeconds = 600
)

// otherFiles are what is uploaded in place of WAV files, by what their beginning looks like.
var otherFiles = []struct {
	at    int
	begin string
	name  string
}{
	{0, "ID3", "MP3"},
	{0, "\xFF\xFB", "MP3"},
	{0, "\xFF\xF3", "MP3"},
	{0, "\xFF\xF2", "MP3"},
	{0, "\xFF\xF1", "AAC"},
	{0, "\xFF\xF9", "AAC"},
	{4, "ftyp", "M4A/MP4"},
	{0, "OggS", "Ogg"},
	{0, "fLaC", "FLAC"},
	{0, "#!AMR", "AMR"},
	{0, "FORM", "AIFF"},
	{0, ".snd", "AU"},
	{0, "\x30\x26\xB2\x75", "WMA"},
	{0, "RIFX", "RIFX"},
	{0, "RF64", "RF64"},
	{0, "PK\x03\x04", "ZIP"},
}

// recognize refuses what is no WAVE file of a bearable size.
func recognize(file []byte) error {
	if len(file) > largestFile {
		return &RefusedError{
			fmt.Sprintf("文件有 %.1f MB，超过 100 MB 的上限。请缩短录音，或转换成 8000 Hz 单声道。", float64(len(file))/(1<<20)),
			fmt.Sprintf("The file has %.1f MB; 100 MB are possible. Shorten the recording or convert it to 8000 Hz mono.", float64(len(file))/(1<<20)),
		}
	}
	for _, other := range otherFiles {
		if len(file) >= other.at && bytes.HasPrefix(file[other.at:], []byte(other.begin)) {
			return &RefusedError{
				"这是 " + other.name + " 文件。请在录音软件里另存为 WAV（PCM）后再上传。",
				"This is a file of the kind " + other.name + ". Save it as WAV (PCM) in your recording program and upload that.",
			}
		}
	}
	if len(file) < riffHeader || string(file[:4]) != "RIFF" || string(file[8:12]) != "WAVE" {
		return &RefusedError{
			"这不是 WAV 文件。请上传 WAV（PCM）格式的录音。",
			"This is not a WAV file. Upload a recording in WAV (PCM) format.",
		}
	}
	return nil
}

func refuseFormatChunk(size int64) error {
	return &RefusedError{
		fmt.Sprintf("WAV 文件已损坏：格式说明长 %d 字节，与文件不符。请重新保存后再上传。", size),
		fmt.Sprintf("The WAV file is damaged: its format chunk claims %d octets. Save it again and upload that.", size),
	}
}

func refuseNoFormat() error {
	return &RefusedError{
		"WAV 文件已损坏：声音数据之前没有格式说明。请重新保存后再上传。",
		"The WAV file is damaged: there is no format chunk before the sound. Save it again and upload that.",
	}
}

func refuseNoData() error {
	return &RefusedError{
		"WAV 文件里没有声音数据。请重新保存后再上传。",
		"There is no sound in the WAV file. Save it again and upload that.",
	}
}

func refuseCut(got, want int64) error {
	return &RefusedError{
		fmt.Sprintf("文件不完整：应有 %d 字节声音数据，只有 %d 字节。请重新上传。", want, got),
		fmt.Sprintf("The file is cut short: it should hold %d octets of sound and holds %d. Upload it again.", want, got),
	}
}

func refuseChannels(channels int) error {
	return &RefusedError{
		fmt.Sprintf("录音有 %d 个声道。请转换成单声道或立体声。", channels),
		fmt.Sprintf("The recording has %d channels. Convert it to mono or stereo.", channels),
	}
}

func refuseRate(rate uint32) error {
	return &RefusedError{
		fmt.Sprintf("采样率为 %d Hz，应在 %d 到 %d Hz 之间。请转换成 8000 或 16000 Hz。", rate, dsp.LowestRate, dsp.HighestRate),
		fmt.Sprintf("The sampling rate is %d Hz; %d to %d Hz are possible. Convert it to 8000 or 16000 Hz.", rate, dsp.LowestRate, dsp.HighestRate),
	}
}

// codingNames are WAVE codings that are met but not read.
var codingNames = map[int]string{
	2: "Microsoft ADPCM", 0x11: "IMA ADPCM", 0x31: "GSM 06.10", 0x40: "G.721", 0x50: "MPEG", 0x55: "MP3",
	0x65: "G.722", 0x83: "G.729", 0xFF: "AAC", 0x161: "WMA",
}

func refuseCoding(coding int) error {
	name := codingNames[coding]
	if name == "" {
		name = fmt.Sprintf("0x%04X", coding)
	}
	return &RefusedError{
		"WAV 文件的编码是 " + name + "，不能使用。请另存为 PCM、A 律或 μ 律编码的 WAV。",
		"The coding of the WAV file is " + name + ", which cannot be used. Save it as a WAV of PCM, A-law or µ-law.",
	}
}

func refuseWidth(bits, frame int) error {
	return &RefusedError{
		fmt.Sprintf("WAV 文件的位数不可用：每样本 %d 位，每帧 %d 字节。请转换成 16 位 PCM。", bits, frame),
		fmt.Sprintf("The width of the samples cannot be used: %d bits, %d octets a frame. Convert it to PCM of 16 bits.", bits, frame),
	}
}

func refuseLength(seconds float64) error {
	return &RefusedError{
		fmt.Sprintf("录音长 %.0f 秒，超过 10 分钟的上限。请缩短录音。", seconds),
		fmt.Sprintf("The recording lasts %.0f s; ten minutes are possible. Shorten it.", seconds),
	}
}

func refuseSilent(dBm0 float64) error {
	return &RefusedError{
		fmt.Sprintf("录音里听不到声音（%.0f dBm0）。请检查话筒后重新录制。", dBm0),
		fmt.Sprintf("Nothing can be heard in the recording (%.0f dBm0). Check the microphone and record it again.", dBm0),
	}
}
