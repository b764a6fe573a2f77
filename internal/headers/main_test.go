package headers

import (
	"testing"

	"github.com/gobcc/bcc/internal/testutil"
)

func TestMain(m *testing.M) { testutil.Main(m) }
