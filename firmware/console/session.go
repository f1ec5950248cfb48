package console

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"trunkbox/firmware/config"
	"trunkbox/firmware/exchange"
	"trunkbox/firmware/journal"
)

// The wait after a wrong password: doubled each time, up to the longest.
const (
	firstWait   = time.Second
	longestWait = 30 * time.Second
)

// session is one person at the console, from sign-in to log-out.
type session struct {
	*Console
	in     *input
	line   io.Writer
	lang   string
	failed error // of the line, once a write failed
}

// pick chooses the text of the session's language.
func (s *session) pick(zh, en string) string {
	if s.lang == "zh" {
		return zh
	}
	return en
}

// print writes text as it is.
func (s *session) print(text string) {
	if s.failed == nil {
		_, s.failed = io.WriteString(s.line, text)
	}
}

// say writes lines; \n becomes CR LF, other control characters are shown as dots, so that what somebody
// else named cannot steer the terminal.
func (s *session) say(text string) {
	clean := strings.Map(func(r rune) rune {
		if r != '\n' && (r < ' ' || r == 0x7f || (r >= 0x80 && r < 0xa0)) {
			return '·'
		}
		return r
	}, text)
	s.print(strings.ReplaceAll(clean, "\n", "\r\n"))
}

func (s *session) sayf(zh, en string, args ...any) { s.say(fmt.Sprintf(s.pick(zh, en), args...)) }

// run signs in and takes commands until the log-out.
func (s *session) run(ctx context.Context) error {
	s.sayf("\nTrunkbox %s 支持串口。? 显示帮助。\n", "\nTrunkbox %s support console. ? for help.\n", s.Version)
	err := s.signIn(ctx)
	for err == nil && s.failed == nil {
		s.print("trunkbox> ")
		var text string
		if text, err = s.readLine(ctx, true); err == nil {
			err = s.command(ctx, text)
		}
	}
	if errors.Is(err, errIdle) {
		s.sayf("\n长时间没有按键，已退出登录。\n", "\nNo key for %v: logged out.\n", s.Idle)
		err = errLoggedOut
	}
	return errors.Join(err, s.failed)
}

// signIn asks for the password, or for the first one. An idle sign-in only asks again.
func (s *session) signIn(ctx context.Context) error {
	wait := firstWait
	for s.failed == nil {
		if !s.Store.HasPassword() {
			done, err := s.firstPassword(ctx)
			if done || (err != nil && !errors.Is(err, errIdle)) {
				return err
			}
			continue
		}
		s.sayf("管理员密码：", "Administrator's password: ")
		password, err := s.readLine(ctx, false)
		switch {
		case errors.Is(err, errIdle):
			s.say("\n")
			continue
		case err != nil:
			return err
		case password == "":
			continue
		case s.Store.CheckPassword(password):
			return nil
		}
		s.refused()
		s.sayf("密码不对。\n", "That is not the password.\n")
		if err := pause(ctx, wait); err != nil {
			return err
		}
		wait = min(2*wait, longestWait)
	}
	return nil
}

// refused notes a wrong password in the journal.
func (s *session) refused() {
	_, _ = s.Journal.Append(journal.Event{Kind: journal.SignInRefused, // a journal that cannot write says so itself
		Fields: map[string]string{"where": "console", "who": "admin"}})
}

func pause(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// firstPassword shows the one-time code and lets the holder of the cable set the first password.
func (s *session) firstPassword(ctx context.Context) (done bool, err error) {
	code, open := s.Store.OneTimeCode()
	if !open {
		return false, nil // it was set on the page meanwhile
	}
	s.sayf("还没有管理员密码。一次性代码：%s\n请在网页上用它设置密码，或在这里直接输入新密码。\n新密码（至少 10 个字符）：",
		"There is no administrator's password yet. One-time code: %s\nSet the password with it on the page, or type a new one here.\nNew password (10 characters or more): ", code)
	password, err := s.readLine(ctx, false)
	if err != nil || password == "" {
		return false, err
	}
	s.sayf("再输入一次：", "Once more: ")
	again, err := s.readLine(ctx, false)
	if err != nil {
		return false, err
	}
	if password != again {
		s.sayf("两次不一样。\n", "The two are not the same.\n")
		return false, nil
	}
	if err := s.Store.SetAdminPassword(code, password); err != nil {
		s.explain(err)
		return false, nil
	}
	s.sayf("密码已设置。\n", "The password is set.\n")
	return true, nil
}

// explain tells an error, in the session's language where it has one.
func (s *session) explain(err error) {
	var problem config.Problem
	if errors.As(err, &problem) {
		s.say(s.pick(problem.ZH, problem.EN) + "\n")
		return
	}
	zh, en := exchange.Fault(err)
	s.say(s.pick("没有做成："+zh, "That failed: "+en) + "\n")
}
