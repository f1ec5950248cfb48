package config

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// Argon2id as OWASP's password storage cheat sheet gives it for 19 MiB: two passes, one lane. RFC 9106
// section 4 would take 64 MiB, which is too much beside thirty calls.
const (
	argonPasses   = 2
	argonKiB      = 19 * 1024
	argonLanes    = 1
	argonSalt     = 16 // octets, RFC 9106 section 3.1
	argonKey      = 32 // octets
	passwordShort = 10 // characters, the fewest allowed
	passwordLong  = 200
)

// codeLetters are read out over a telephone and typed from a label: no 0 O 1 I L.
const codeLetters = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"

// OneTimeCode is the code that sets the first administrator's password, like "7KQM-2F9D-XWPR". It exists
// until that password is set; ok is false from then on.
func (s *Store) OneTimeCode() (code string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.secrets.Named[secretPassword]) > 0 {
		return "", false
	}
	if kept := s.secrets.Named[secretCode]; len(kept) > 0 {
		return string(kept), true
	}
	code = newCode()
	if err := s.setSecrets(map[string][]byte{secretCode: []byte(code)}); err != nil {
		s.log.Error("one-time code not kept", "err", err)
		return "", false
	}
	return code, true
}

// newCode draws twelve letters in groups of four: 59 bits.
func newCode() string {
	var code strings.Builder
	var octet [1]byte
	for code.Len() < 14 {
		_, _ = rand.Read(octet[:])
		if int(octet[0]) >= 256-256%len(codeLetters) {
			continue
		}
		if code.Len() == 4 || code.Len() == 9 {
			code.WriteByte('-')
		}
		code.WriteByte(codeLetters[int(octet[0])%len(codeLetters)])
	}
	return code.String()
}

// HasPassword says whether the administrator's password was set.
func (s *Store) HasPassword() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.secrets.Named[secretPassword]) > 0
}

// SetAdminPassword sets the first password with the one-time code. The error is a Problem when the code
// or the password will not do.
func (s *Store) SetAdminPassword(code, password string) error {
	if problem, bad := weak(password); bad {
		return problem
	}
	hash := s.hash(password)
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.secrets.Named[secretPassword]) > 0 {
		return Problem{Path: "code", ZH: "管理员密码已经设置过，请用它登录。", EN: "The administrator's password is set already; sign in with it."}
	}
	want := s.secrets.Named[secretCode]
	given := strings.ToUpper(strings.TrimSpace(code))
	if len(want) == 0 || subtle.ConstantTimeCompare([]byte(bare(given)), []byte(bare(string(want)))) != 1 {
		return Problem{Path: "code", ZH: "一次性代码不对，请从串口或盒子标签上重新抄写。", EN: "The one-time code is wrong; read it again from the serial console."}
	}
	return s.setSecrets(map[string][]byte{secretPassword: hash, secretCode: nil})
}

// bare takes the dashes out of a code.
func bare(code string) string { return strings.ReplaceAll(code, "-", "") }

// CheckPassword says whether password is the administrator's. It takes some 40 ms and 19 MiB; only two
// run at once, so that nobody can fill the memory by trying.
func (s *Store) CheckPassword(password string) bool {
	s.mu.Lock()
	kept := string(s.secrets.Named[secretPassword])
	s.mu.Unlock()
	return s.matches(kept, password)
}

// ChangePassword replaces the password and ends every page session. The error is a Problem when old is
// wrong or the new one will not do.
func (s *Store) ChangePassword(old, password string) error {
	if problem, bad := weak(password); bad {
		return problem
	}
	if !s.CheckPassword(old) {
		return Problem{Path: "old", ZH: "原密码不对。", EN: "The old password is wrong."}
	}
	hash := s.hash(password)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.setSecrets(map[string][]byte{secretPassword: hash}); err != nil {
		return err
	}
	return s.dropSessions()
}

// ForgetPassword takes the password away, for the reset button: a new one-time code exists from then on,
// and every page session has ended.
func (s *Store) ForgetPassword() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.setSecrets(map[string][]byte{secretPassword: nil, secretCode: []byte(newCode())}); err != nil {
		return err
	}
	return s.dropSessions()
}

// weak says what is wrong with a new password.
func weak(password string) (Problem, bool) {
	n := utf8.RuneCountInString(password)
	if n >= passwordShort && n <= passwordLong && utf8.ValidString(password) {
		return Problem{}, false
	}
	return Problem{
		Path: "password",
		ZH:   fmt.Sprintf("密码要有 %d 到 %d 个字符，现在是 %d 个。", passwordShort, passwordLong, n),
		EN:   fmt.Sprintf("The password needs %d to %d characters; this one has %d.", passwordShort, passwordLong, n),
	}, true
}

// hash makes the string that is kept, in the form common to Argon2 programs:
// $argon2id$v=19$m=19456,t=2,p=1$<salt>$<key>, both in base64 without padding.
func (s *Store) hash(password string) []byte {
	s.hashing <- struct{}{}
	defer func() { <-s.hashing }()
	salt := make([]byte, argonSalt)
	_, _ = rand.Read(salt)
	key := argon2.IDKey([]byte(password), salt, argonPasses, argonKiB, argonLanes, argonKey)
	return fmt.Appendf(nil, "$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonKiB, argonPasses, argonLanes,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key))
}

// matches checks a password against a kept string, with the parameters that stand in it.
func (s *Store) matches(kept, password string) bool {
	parts := strings.Split(kept, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false
	}
	var kib, passes uint32
	var lanes uint8
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &kib, &passes, &lanes); err != nil || n != 3 ||
		passes < 1 || lanes < 1 || kib > 1<<20 {
		return false
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	want, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil || len(want) == 0 {
		return false
	}
	s.hashing <- struct{}{}
	defer func() { <-s.hashing }()
	got := argon2.IDKey([]byte(password), salt, passes, kib, lanes, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1
}
