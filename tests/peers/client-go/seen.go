package main

import (
	"strconv"
	"sync"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"
)

// counts says how often something was seen.
type counts struct {
	Events int `json:"events"`
	// Skipped are transitions that no event told of: correct only where everything was listed again.
	Skipped int `json:"skipped"`
	// Repeated is the same state twice: correct only then, too.
	Repeated int `json:"repeated"`
	// Back is an older state after a newer one, or an object after its deletion: never correct.
	Back int `json:"back"`
}

// seen is what the handler of an informer has seen of each object, by the counter that every change raises by one.
type seen struct {
	mutex   sync.Mutex
	last    map[types.UID]int
	deleted map[types.UID]bool
	counts  counts
}

func newSeen() *seen {
	return &seen{last: map[types.UID]int{}, deleted: map[types.UID]bool{}}
}

// identity is the uid and the counter of an object that the test has made.
func identity(object any) (metav1.Object, int, bool) {
	accessor, err := meta.Accessor(object)
	if err != nil {
		return nil, 0, false
	}
	counter, err := strconv.Atoi(accessor.GetAnnotations()["counter"])
	return accessor, counter, err == nil
}

func (s *seen) object(object any) {
	accessor, counter, ok := identity(object)
	if !ok {
		return
	}
	uid := accessor.GetUID()
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.counts.Events++
	if s.deleted[uid] {
		s.counts.Back++
	}
	before, known := s.last[uid]
	s.last[uid] = counter
	switch {
	case !known && counter > 0, known && counter > before+1:
		s.counts.Skipped++
	case known && counter == before:
		s.counts.Repeated++
	case known && counter < before:
		s.counts.Back++
	}
}

func (s *seen) deletion(object any) {
	if tombstone, ok := object.(cache.DeletedFinalStateUnknown); ok {
		object = tombstone.Obj
	}
	accessor, counter, ok := identity(object)
	if !ok {
		return
	}
	uid := accessor.GetUID()
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.counts.Events++
	before, known := s.last[uid]
	delete(s.last, uid)
	switch {
	case !known || counter > before:
		s.counts.Skipped++
	case counter < before:
		s.counts.Back++
	}
	if s.deleted[uid] {
		s.counts.Repeated++
	}
	s.deleted[uid] = true
}

// counter is the last one of an object.
func (s *seen) counter(object any) *int {
	accessor, _, ok := identity(object)
	if !ok {
		return nil
	}
	counter, known := s.last[accessor.GetUID()]
	if !known {
		return nil
	}
	return &counter
}

// handler reports to it.
func (s *seen) handler() cache.ResourceEventHandlerFuncs {
	return cache.ResourceEventHandlerFuncs{
		AddFunc: s.object,
		UpdateFunc: func(old, object any) {
			before, _, had := identity(old)
			after, _, has := identity(object)
			if had && has && before.GetUID() != after.GetUID() {
				// It was deleted and created again while nobody watched.
				s.deletion(old)
			}
			s.object(object)
		},
		DeleteFunc: s.deletion,
	}
}
