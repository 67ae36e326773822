{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}
{{- define "capmon.labels" -}}
app.kubernetes.io/name: capmon
{{- end }}

{{- define "capmon.image" -}}
{{- with .Values.image -}}
{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end -}}
{{- end }}

{{- define "capmon.containerdState" -}}
{{- $usual := dict "k3s" "/run/k3s/containerd" "k0s" "/run/k0s/containerd"
      "microk8s" "/var/snap/microk8s/common/run/containerd" -}}
{{ .Values.containerdState | default (get $usual .Values.distribution) | default "/run/containerd" }}
{{- end }}

{{- define "capmon.selinuxType" -}}
{{ .Values.selinuxType | default (eq .Values.distribution "openshift" | ternary "spc_t" "") }}
{{- end }}

{{- /* Kubernetes before 1.30 does not know recursiveReadOnly. */ -}}
{{- define "capmon.old" -}}
{{ semverCompare "<1.30-0" .Capabilities.KubeVersion.Version | ternary "yes" "" }}
{{- end }}

{{- /* Ours come first: a key is there once. The checksum restarts the pods when the settings change. */ -}}
{{- define "capmon.annotations" -}}
{{- $ours := dict }}
{{- if eq .Values.distribution "openshift" }}
{{- $_ := set $ours "openshift.io/required-scc" "capmond" }}
{{- end }}
{{- if .Values.config }}
{{- $_ := set $ours "checksum/config" (toYaml .Values.config | sha256sum) }}
{{- end }}
{{- with merge $ours .Values.podAnnotations }}
{{- toYaml . }}
{{- end }}
{{- end }}
