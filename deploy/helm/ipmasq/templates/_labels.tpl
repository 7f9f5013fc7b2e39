{{/*
SPDX-License-Identifier: GPL-2.0-or-later
*/}}
{{- define "ipmasq.labels" -}}
app.kubernetes.io/name: ipmasq
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version | replace "+" "_" }}
{{- end }}
{{- define "ipmasq.loader" -}}
{{- if and .Values.loader.enabled (not .Values.kmm.enabled) }}true{{ end }}
{{- end }}
