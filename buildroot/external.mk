include $(sort $(wildcard $(BR2_EXTERNAL_TRUNKBOX_PATH)/package/*/*.mk))
