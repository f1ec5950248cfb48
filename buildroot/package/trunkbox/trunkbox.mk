################################################################################
#
# trunkbox
#
################################################################################

# The external tree lives in the source tree; the version is whatever is checked out.
TRUNKBOX_VERSION = local
TRUNKBOX_SITE = $(BR2_EXTERNAL_TRUNKBOX_PATH)/..
TRUNKBOX_SITE_METHOD = local
TRUNKBOX_DEPENDENCIES = dahdi-linux dahdi-tools

TRUNKBOX_GOMOD = trunkbox
TRUNKBOX_BUILD_TARGETS = cmd/appliance
TRUNKBOX_INSTALL_BINS = appliance
# One program that asks nothing of the C library of the image.
TRUNKBOX_GO_ENV = CGO_ENABLED=0

define TRUNKBOX_INSTALL_TARGET_CMDS
	$(INSTALL) -D -m 0755 $(@D)/bin/appliance $(TARGET_DIR)/usr/sbin/trunkbox
endef

$(eval $(golang-package))
