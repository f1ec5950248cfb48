package exchange

import (
	"errors"
	"syscall"
)

// faults are the errors of the system that an owner or installer can do something about, in Chinese and
// English. The order counts only where an error is several of them.
var faults = []struct {
	errno  syscall.Errno
	zh, en string
}{
	{syscall.EADDRINUSE, "端口已被占用", "the port is in use"},
	{syscall.EADDRNOTAVAIL, "本机没有这个地址", "the box has no such address"},
	{syscall.ENETUNREACH, "网络不通", "the network cannot be reached"},
	{syscall.ENOSPC, "磁盘已满", "the disk is full"},
	{syscall.EROFS, "磁盘只读", "the disk can only be read"},
	{syscall.EIO, "读写出错", "reading or writing failed"},
	{syscall.EBUSY, "正被其他程序使用", "another program uses it"},
	{syscall.EACCES, "没有权限", "it is not permitted"},
	{syscall.EPERM, "没有权限", "it is not permitted"},
	{syscall.ENOENT, "找不到设备或文件", "the device or file is missing"},
	{syscall.ENODEV, "没有这个设备", "there is no such device"},
	{syscall.ENXIO, "没有这个设备", "there is no such device"},
	{syscall.EINVAL, "设备不接受这样的设置", "the device does not take these settings"},
	{syscall.EMFILE, "打开的文件太多", "too many files are open"},
	{syscall.ENOMEM, "内存不足", "memory has run out"},
}

// Fault tells an error to people: what the system says in their language, then the error itself, which has
// the numbers that failed and is English in both.
func Fault(err error) (zh, en string) {
	for _, f := range faults {
		if errors.Is(err, f.errno) {
			return f.zh + "（" + err.Error() + "）", f.en + " (" + err.Error() + ")"
		}
	}
	return "技术原因（" + err.Error() + "）", err.Error()
}

// noticeFault shows the owner a sentence that ends with an error.
func (x *Exchange) noticeFault(id, zh, en string, err error) {
	whyZH, whyEN := Fault(err)
	x.notice(id, zh+"："+whyZH, en+": "+whyEN)
}
