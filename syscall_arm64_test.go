package bcc_test

const sysGetpgid = "155"
